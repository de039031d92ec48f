//! A database for each test, copied from a migrated template.

use std::time::Duration;

use secrecy::SecretString;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};
use store::clock::Clock;
use store::{DatabaseConfig, MIGRATOR, Store, Writer};
use url::Url;

use crate::environment::required;

/// The key of the advisory lock under which the template is made.
const TEMPLATE_LOCK: i64 = 0x59_454d_4d41;

/// A fresh database with every migration applied; dropped with the value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// Copies the template, making it first when the migrations changed.
    pub async fn create() -> Self {
        let template = template().await;
        let name = format!("test_{}", Clock::system().new_id().simple());
        let mut owner = connect_owner().await;
        let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
        // Copies of one template wait for each other: PostgreSQL refuses a template in use.
        for _ in 0..200 {
            match owner.execute(AssertSqlSafe(copy.clone())).await {
                Ok(_) => return Self { name },
                Err(error) if error.to_string().contains("being accessed") => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => panic!("the test database could not be made: {error}"),
            }
        }
        panic!("the template stayed in use for ten seconds");
    }

    /// The database's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of this database for the role of the given variable, such as `DB_API_URL`.
    #[must_use]
    pub fn url(&self, variable: &str) -> SecretString {
        with_database(&required(variable), &self.name).into()
    }

    /// The data as the API sees it, connected as `yemma_api`.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store_with(Clock::system())
    }

    /// The data as the API sees it, with a clock of the test's own.
    #[must_use]
    pub fn store_with(&self, clock: Clock) -> Store {
        Store::connect_lazy(&self.url("DB_API_URL"), &DatabaseConfig::default(), clock)
            .expect("the API role's address")
    }

    /// The data as activities see it, connected as `yemma_worker`.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.writer_with(Clock::system())
    }

    /// The data as activities see it, with a clock of the test's own.
    #[must_use]
    pub fn writer_with(&self, clock: Clock) -> Writer {
        let url = self.url("DB_WORKER_URL");
        Writer::new(
            Store::connect_lazy(&url, &DatabaseConfig::default(), clock)
                .expect("the worker role's address"),
        )
    }

    /// The database as its owner, to prepare and to look.
    pub async fn owner(&self) -> PgPool {
        PgPool::connect(&with_database(&required("DATABASE_URL"), &self.name))
            .await
            .expect("the owner connects")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A thread of its own: the test's runtime may be gone, and drop cannot wait on it.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let mut owner = connect_owner().await;
                owner.execute(AssertSqlSafe(drop)).await
            })
        });
        if !matches!(dropping.join(), Ok(Ok(_))) {
            // The next run's servers are new; a database left behind harms nothing.
        }
    }
}

async fn connect_owner() -> PgConnection {
    PgConnection::connect(&required("DATABASE_URL"))
        .await
        .expect("PostgreSQL answers at DATABASE_URL")
}

/// Makes the template of the present migrations unless it is there. Returns its name.
async fn template() -> String {
    let name = template_name();
    let mut owner = connect_owner().await;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut owner)
        .await
        .expect("the template's lock");
    let ready: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate)",
    )
    .bind(&name)
    .fetch_one(&mut owner)
    .await
    .expect("the list of databases");
    if !ready {
        make_template(&mut owner, &name).await;
    }
    owner.close().await.expect("the lock is given back");
    name
}

async fn make_template(owner: &mut PgConnection, name: &str) {
    for statement in [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name}"),
    ] {
        owner
            .execute(AssertSqlSafe(statement))
            .await
            .expect("the template is made");
    }
    let mut connection = PgConnection::connect(&with_database(&required("DATABASE_URL"), name))
        .await
        .expect("the template answers");
    MIGRATOR
        .run(&mut connection)
        .await
        .expect("every migration applies to an empty database");
    connection.close().await.expect("the template is let go");
    owner
        .execute(AssertSqlSafe(format!(
            "ALTER DATABASE {name} WITH IS_TEMPLATE true"
        )))
        .await
        .expect("the template is marked");
}

fn template_name() -> String {
    let mut hash = Sha256::new();
    for migration in MIGRATOR.iter() {
        hash.update(&migration.checksum);
    }
    let digest = hash.finalize();
    let short: String = digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("template_{short}")
}

fn with_database(url: &str, database: &str) -> String {
    let mut url = Url::parse(url).expect("a database address");
    url.set_path(database);
    url.to_string()
}
