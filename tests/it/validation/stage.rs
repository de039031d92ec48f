//! A submitted profile with its documents, two reviewers, and the process that leads its case.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use activities::validation::ValidationActivities;
use chrono::{DateTime, SubsecRound, Utc};
use sqlx::PgPool;
use store::clock::Clock;
use store::commands::{self, Insertion};
use store::validation::{self, CommandTexts};
use store::{Actor, Context, Origin, Store, Writer};
use temporalio_client::errors::WorkflowUpdateError;
use temporalio_client::{
    Client, WorkflowExecuteUpdateOptions, WorkflowHandle, WorkflowStartOptions,
};
use temporalio_common::{HasWorkflowDefinition, UpdateDefinition};
use temporalio_sdk::WorkerOptions;
use tests::database::TestDatabase;
use tests::moods::{Mood, Moody};
use tests::temporal::{RunningWorker, TemporalServer};
use uuid::Uuid;
use workflows::commands::{Command, IdempotencyMark};
use workflows::queues;
use workflows::validation::rules::{Assessment, Rating, default_grid, evaluate};
use workflows::validation::{
    Case, CaseCommand, OpenCase, ProfileValidation, ValidationInput, ValidationTiming, workflow_id,
};

/// A text long enough for a summary.
pub const SUMMARY: &str = "Une personne solide, claire dans ses explications, à l'aise avec les \
outils de son métier et prête à prendre des responsabilités plus larges.";

/// A submitted profile and the people around it.
pub struct Stage {
    pub database: TestDatabase,
    pub owner: PgPool,
    pub store: Store,
    pub writer: Writer,
    pub candidate: Uuid,
    pub profile_id: Uuid,
    pub validation_id: Uuid,
    pub documents: Vec<Uuid>,
    pub reviewer: Uuid,
    pub other: Uuid,
    pub submitted_at: DateTime<Utc>,
    drawn: AtomicU64,
}

impl Stage {
    /// A complete profile, submitted a moment ago, with a CV and a certificate.
    pub async fn submitted() -> Self {
        let database = TestDatabase::create().await;
        let owner = database.owner().await;
        let clock = Clock::system();
        let stage = Self {
            store: database.store(),
            writer: database.writer(),
            owner,
            candidate: clock.new_id(),
            profile_id: clock.new_id(),
            validation_id: clock.new_id(),
            documents: vec![clock.new_id(), clock.new_id()],
            reviewer: clock.new_id(),
            other: clock.new_id(),
            submitted_at: clock.now(),
            database,
            drawn: AtomicU64::new(0),
        };
        stage.people().await;
        stage.profile().await;
        for (id, kind) in stage.documents.iter().zip(["cv", "certificate"]) {
            stage
                .settled_document(*id, kind, stage.submitted_at.trunc_subsecs(6))
                .await;
        }
        stage
    }

    async fn people(&self) {
        for (id, first_name, account_type) in [
            (self.candidate, "Awa", "candidate"),
            (self.reviewer, "Fanta", "staff"),
            (self.other, "Moussa", "staff"),
        ] {
            sqlx::query(
                "INSERT INTO auth.users (id, email, password_hash, first_name, last_name,
                    account_type, created_at, updated_at)
                 VALUES ($1, $1 || '@test', 'x', $2, 'Diop', $3, now(), now())",
            )
            .bind(id)
            .bind(first_name)
            .bind(account_type)
            .execute(&self.owner)
            .await
            .unwrap();
        }
    }

    async fn profile(&self) {
        sqlx::query(
            "INSERT INTO candidate.profiles (id, user_id, status, submission_number, validation_id,
                submitted_at, draft_since, completion_percentage,
                terms_of_use_accepted, terms_of_use_version, terms_of_use_at,
                processing_of_personal_data_accepted, processing_of_personal_data_version,
                processing_of_personal_data_at,
                permission_to_verify_accepted, permission_to_verify_version,
                permission_to_verify_at,
                first_name, last_name, date_of_birth, nationality, phone, city, country,
                profile_title, professional_summary, sector, main_occupation,
                total_years_of_experience, created_at, updated_at)
             VALUES ($1, $2, 'SUBMITTED', 1, $3, now(), now(), 100,
                true, '1', now(), true, '1', now(), true, '1', now(),
                'Awa', 'Diop', '1990-05-01', 'SN', '+221771234567', 'Dakar', 'SN',
                'Comptable', repeat('Je tiens des comptes. ', 20), 'Finance', 'Comptable', 8,
                now(), now())",
        )
        .bind(self.profile_id)
        .bind(self.candidate)
        .bind(self.validation_id)
        .execute(&self.owner)
        .await
        .unwrap();
        for statement in [
            "INSERT INTO candidate.experiences (id, profile_id, rank, company, sector, position,
                start_date, current)
             VALUES (gen_random_uuid(), $1, 0, 'Sonatel', 'Finance', 'Comptable', '2015-01-01', true)",
            "INSERT INTO candidate.educations (id, profile_id, rank, diploma, institution,
                graduation_year, level)
             VALUES (gen_random_uuid(), $1, 0, 'Licence', 'UCAD', 2012, 'bac_3')",
            "INSERT INTO candidate.skills (profile_id, category, rank, label, level, years)
             VALUES ($1, 'technical', 0, 'Comptabilité', 'advanced', 8)",
            "INSERT INTO candidate.job_preferences (profile_id, desired_positions, contract_types,
                locations, availability, salary_min, salary_max, salary_currency, salary_period)
             VALUES ($1, '{Comptable}', '{permanent}', '{Dakar}', 'immediate', 500000, 700000,
                'XOF', 'month')",
        ] {
            sqlx::query(statement)
                .bind(self.profile_id)
                .execute(&self.owner)
                .await
                .unwrap();
        }
    }

    /// Adds a document to the profile that is available from now on.
    pub async fn document(&self, id: Uuid, kind: &str) {
        self.settled_document(id, kind, self.store.now()).await;
    }

    /// Adds a document to the profile that is available since that moment.
    pub async fn settled_document(&self, id: Uuid, kind: &str, settled_at: DateTime<Utc>) {
        sqlx::query(
            "INSERT INTO document.documents (id, profile_id, user_id, kind, file_name,
                content_type, size, sha256, status, page_count, key_wrapped, master_key_id,
                object_key, created_at, settled_at)
             VALUES ($1, $2, $3, $4, 'file.pdf', 'application/pdf', 10, repeat('0', 64),
                'available', 1, 'k', 'k1', $1::text, $5, $5)",
        )
        .bind(id)
        .bind(self.profile_id)
        .bind(self.candidate)
        .bind(kind)
        .bind(settled_at)
        .execute(&self.owner)
        .await
        .unwrap();
    }

    /// A fresh id.
    pub fn id(&self) -> Uuid {
        self.store.new_id()
    }

    /// The case opened, as its process would.
    pub async fn open(&self) -> Case {
        let open = OpenCase {
            validation_id: self.validation_id,
            profile_id: self.profile_id,
            user_id: self.candidate,
            submitted_at: self.submitted_at,
            correlation_id: self.id(),
            event_id: Some(self.id()),
        };
        validation::open_case(&self.writer, &open).await.unwrap()
    }

    /// A command with its texts waiting, as the API would leave it.
    pub async fn command<T>(&self, actor: Uuid, texts: CommandTexts, body: T) -> Command<T> {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        let command = Command {
            id: self.id(),
            actor_id: actor,
            correlation_id: self.id(),
            idempotency: Some(IdempotencyMark {
                caller: format!("user:{actor}"),
                key_hash: format!("key {number}"),
                fingerprint: "f".to_owned(),
            }),
            body,
        };
        let context = Context {
            actor: Actor::Person(actor),
            origin: Origin {
                address: Some("192.0.2.1".to_owned()),
                user_agent: None,
            },
            correlation_id: command.correlation_id,
            causation_id: None,
            idempotency: command.idempotency.clone(),
        };
        let kept = commands::insert(&self.store, &context, &texts)
            .await
            .unwrap();
        let Insertion::Kept(id) = kept else {
            panic!("a fresh key: {kept:?}");
        };
        Command { id, ..command }
    }

    /// A command as its activity gets it.
    pub async fn order<T>(&self, actor: Uuid, texts: CommandTexts, body: T) -> CaseCommand<T> {
        CaseCommand {
            validation_id: self.validation_id,
            at: self.store.now(),
            command: self.command(actor, texts, body).await,
            timing: ValidationTiming::default(),
        }
    }

    /// Fills the whole grid, as the reviewer does through the API.
    pub async fn assess(&self, reviewer: Uuid) {
        let grid = default_grid();
        let assessment = Assessment {
            ratings: grid
                .criteria()
                .map(|criterion| Rating {
                    criterion: criterion.code.clone(),
                    rating: Some(4),
                    comment: None,
                })
                .collect(),
            tags: vec!["rigueur".to_owned()],
            summary: Some(SUMMARY.to_owned()),
        };
        let evaluation = evaluate(&grid, &assessment);
        let context = Context {
            actor: Actor::Person(reviewer),
            ..Context::system(self.id(), None)
        };
        validation::save_assessment(
            &self.store,
            &context,
            self.validation_id,
            &assessment,
            &evaluation,
        )
        .await
        .unwrap()
        .unwrap();
    }

    /// One text value of the database.
    pub async fn text(&self, query: &'static str) -> Option<String> {
        sqlx::query_scalar(query)
            .bind(self.validation_id)
            .bind(self.profile_id)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// The status of the profile.
    pub async fn profile_status(&self) -> String {
        self.text("SELECT status FROM candidate.profiles WHERE validation_id = $1 AND id = $2")
            .await
            .unwrap()
    }

    /// The types of the case's events so far, in order.
    pub async fn events(&self) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT type FROM events.events WHERE payload ->> 'validation_id' = $1::text ORDER BY id",
        )
        .bind(self.validation_id.to_string())
        .fetch_all(&self.owner)
        .await
        .unwrap()
    }

    /// How many events of that type the case has.
    pub async fn count(&self, event: &str) -> usize {
        self.events()
            .await
            .iter()
            .filter(|written| *written == event)
            .count()
    }
}

/// A stage whose case is led by its process, on a Temporal that skips time.
pub struct Led {
    /// Dropped first: a worker whose server is gone takes long to end.
    #[expect(dead_code, reason = "held so that it runs")]
    pub worker: Option<RunningWorker>,
    pub handle: WorkflowHandle<Client, ProfileValidation>,
    pub server: TemporalServer,
    pub stage: Stage,
}

impl Led {
    /// Starts the process of a submitted profile and waits until its case is in the queue.
    pub async fn start(timing: ValidationTiming) -> Self {
        Self::start_in(Mood::Sound, timing).await
    }

    /// The same, with activities in a mood.
    pub async fn start_in(mood: Mood, timing: ValidationTiming) -> Self {
        let led = Self::prepared(mood, Stage::submitted().await).await;
        led.begin(timing).await;
        led.until("queued").await;
        led
    }

    /// A worker and a Temporal for a profile whose process has not begun.
    pub async fn over(stage: Stage) -> Self {
        Self::prepared(Mood::Sound, stage).await
    }

    async fn prepared(mood: Mood, stage: Stage) -> Self {
        let server = TemporalServer::start().await;
        let worker = Self::work(&stage, &server, mood);
        let handle = server
            .client()
            .get_workflow_handle::<ProfileValidation>(workflow_id(stage.validation_id));
        Self {
            stage,
            server,
            handle,
            worker: Some(worker),
        }
    }

    /// Starts the process, as the relay does on `profile.submitted`.
    pub async fn begin(&self, timing: ValidationTiming) {
        let stage = &self.stage;
        let input = ValidationInput {
            validation_id: stage.validation_id,
            profile_id: stage.profile_id,
            user_id: stage.candidate,
            submitted_at: stage.submitted_at,
            correlation_id: stage.id(),
            event_id: None,
            timing,
            carried: None,
        };
        let options =
            WorkflowStartOptions::new(queues::VALIDATION, workflow_id(stage.validation_id)).build();
        self.server
            .client()
            .start_workflow(ProfileValidation::run, input, options)
            .await
            .unwrap();
    }

    /// A worker of the validation queue.
    pub fn work(stage: &Stage, server: &TemporalServer, mood: Mood) -> RunningWorker {
        let url = stage.database.url("DB_WORKER_URL");
        server.spawn_worker(move || {
            let store =
                Store::connect_lazy(&url, &store::DatabaseConfig::default(), Clock::system())
                    .unwrap();
            WorkerOptions::new(queues::VALIDATION)
                .register_workflow::<ProfileValidation>()
                .unwrap()
                .register_activities(ValidationActivities::new(Writer::new(store)))
                .activity_inbound_interceptor(Moody(mood))
                .build()
        })
    }

    /// Waits until the case has that status.
    pub async fn until(&self, status: &str) {
        for _ in 0..200 {
            if self.status().await.as_deref() == Some(status) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the case is {:?}, not {status}", self.status().await);
    }

    /// The status of the case.
    pub async fn status(&self) -> Option<String> {
        sqlx::query_scalar("SELECT status FROM admin.validations WHERE id = $1")
            .bind(self.stage.validation_id)
            .fetch_optional(&self.stage.owner)
            .await
            .unwrap()
    }

    /// Gives a command and waits for its answer; a refusal is its code.
    pub async fn tell<U, T>(
        &self,
        update: U,
        actor: Uuid,
        texts: CommandTexts,
        body: T,
    ) -> Result<U::Output, String>
    where
        U: UpdateDefinition<
                Workflow = <ProfileValidation as HasWorkflowDefinition>::Run,
                Input = Command<T>,
            >,
        T: Send,
        U::Output: 'static,
    {
        let command = self.stage.command(actor, texts, body).await;
        self.send(update, command).await
    }

    /// Sends a command as it is.
    pub async fn send<U, T>(&self, update: U, command: Command<T>) -> Result<U::Output, String>
    where
        U: UpdateDefinition<
                Workflow = <ProfileValidation as HasWorkflowDefinition>::Run,
                Input = Command<T>,
            >,
        T: Send,
        U::Output: 'static,
    {
        let answer =
            self.handle
                .execute_update(update, command, WorkflowExecuteUpdateOptions::default());
        tokio::time::timeout(Duration::from_secs(30), answer)
            .await
            .expect("an answer within 30 s")
            .map_err(|error| refusal(&error))
    }
}

fn refusal(error: &WorkflowUpdateError) -> String {
    match error {
        WorkflowUpdateError::Failed(failure) => failure.message.clone(),
        other => other.to_string(),
    }
}
