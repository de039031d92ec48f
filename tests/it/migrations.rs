//! Migrations beside a database that is in use.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use store::migrate::{LockPatience, MigrationError, migrate};
use tests::database::TestDatabase;

/// `search_index_validated`: one index on a table that everybody uses.
const REPEATED: i64 = 20_261_124_120_100;
const INDEX: &str = "candidate.idx_profiles_validated";

/// As if the migration were new.
async fn undo(owner: &PgPool) {
    sqlx::query("DROP INDEX candidate.idx_profiles_validated")
        .execute(owner)
        .await
        .unwrap();
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version = $1")
        .bind(REPEATED)
        .execute(owner)
        .await
        .unwrap();
}

async fn is_applied(owner: &PgPool) -> bool {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(INDEX)
        .fetch_one(owner)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_does_not_queue_behind_a_lock_and_says_so_when_it_gives_up() {
    let database = TestDatabase::create().await;
    let (owner, url) = (database.owner().await, database.url("DATABASE_URL"));
    undo(&owner).await;
    let mut held = owner.begin().await.unwrap();
    // A reader that is not done: the index has to wait, and readers behind it would as well.
    sqlx::query("LOCK TABLE candidate.profiles IN ROW EXCLUSIVE MODE")
        .execute(&mut *held)
        .await
        .unwrap();
    let patience = LockPatience {
        wait: Duration::from_millis(300),
        pause: Duration::from_millis(200),
        attempts: 3,
    };
    let begun = Instant::now();
    let refused = migrate(&url, patience).await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(10), "{refused}");
    assert!(
        matches!(refused, MigrationError::Locked { attempts: 3, .. }),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("lock"), "{refused}");
    assert!(!is_applied(&owner).await);
    held.rollback().await.unwrap();
    migrate(&url, patience).await.unwrap();
    assert!(is_applied(&owner).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_goes_on_when_the_lock_is_let_go() {
    let database = TestDatabase::create().await;
    let (owner, url) = (database.owner().await, database.url("DATABASE_URL"));
    undo(&owner).await;
    let mut held = owner.begin().await.unwrap();
    sqlx::query("LOCK TABLE candidate.profiles IN ROW EXCLUSIVE MODE")
        .execute(&mut *held)
        .await
        .unwrap();
    let patience = LockPatience {
        wait: Duration::from_millis(200),
        pause: Duration::from_millis(200),
        attempts: 50,
    };
    let letting_go = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        held.rollback().await.unwrap();
    };
    let (migrated, ()) = tokio::join!(migrate(&url, patience), letting_go);
    migrated.unwrap();
    assert!(is_applied(&owner).await);
}
