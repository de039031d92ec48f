//! `SearchIndexing` on a Temporal that skips time, with the worker's own activity.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use activities::search::SearchActivities;
use async_trait::async_trait;
use sqlx::PgPool;
use store::search::{Criteria, Hits, IndexEntry, SearchIndex};
use store::{Store, StoreError};
use temporalio_client::{
    WorkflowCancelOptions, WorkflowFetchHistoryOptions, WorkflowGetResultOptions,
    WorkflowSignalOptions, WorkflowStartOptions,
};
use temporalio_sdk::WorkerOptions;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use tests::database::TestDatabase;
use tests::search::{Candidate, developer, set_status, validated};
use tests::temporal::{RunningWorker, TemporalServer, history, record_history};
use uuid::Uuid;
use workflows::queues;
use workflows::search::redaction::RULE;
use workflows::search::{
    Changed, IndexingInput, IndexingTiming, Reflected, SearchIndexing, workflow_id,
};

/// An engine in memory that is away for the first calls.
#[derive(Default)]
struct MemoryIndex {
    entries: Mutex<HashMap<Uuid, IndexEntry>>,
    away_for: AtomicU32,
    writes: AtomicU32,
    /// Whether a write takes effect although its answer is lost.
    loses_answers: bool,
    /// Calls that fail for a reason that somebody must mend.
    broken_for: AtomicU32,
}

impl MemoryIndex {
    fn away(calls: u32, loses_answers: bool) -> Self {
        Self {
            away_for: AtomicU32::new(calls),
            loses_answers,
            ..Self::default()
        }
    }

    fn holds(&self, profile_id: Uuid) -> bool {
        self.entries.lock().unwrap().contains_key(&profile_id)
    }

    fn write(&self, change: impl FnOnce(&mut HashMap<Uuid, IndexEntry>)) -> Result<(), StoreError> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        let is_broken = self
            .broken_for
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok();
        if is_broken {
            return Err(StoreError::inconsistent("search.profile_index", "a test"));
        }
        let is_away = self
            .away_for
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok();
        if !is_away || self.loses_answers {
            change(&mut self.entries.lock().unwrap());
        }
        if is_away {
            return Err(StoreError::unavailable("memory", "away"));
        }
        Ok(())
    }
}

#[async_trait]
impl SearchIndex for MemoryIndex {
    async fn put(&self, entry: &IndexEntry) -> Result<(), StoreError> {
        self.write(|entries| {
            entries.insert(entry.profile.profile_id, entry.clone());
        })
    }

    async fn remove(&self, profile_id: Uuid) -> Result<(), StoreError> {
        self.write(|entries| {
            entries.remove(&profile_id);
        })
    }

    async fn search(&self, _: &Criteria) -> Result<Hits, StoreError> {
        Ok(Hits::default())
    }

    async fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn dependency(&self) -> &'static str {
        "memory"
    }
}

/// The worker comes first: it must have stopped before its server ends.
struct Stage {
    _worker: RunningWorker,
    owner: PgPool,
    store: Store,
    index: Arc<MemoryIndex>,
    server: TemporalServer,
    candidate: Candidate,
    debounce_millis: u64,
    _database: TestDatabase,
}

impl Stage {
    async fn new(index: MemoryIndex) -> Self {
        let database = TestDatabase::create().await;
        let (owner, store, writer) = (database.owner().await, database.store(), database.writer());
        let candidate = validated(&owner, &developer(), 4.2, "Rigoureuse.", store.now()).await;
        let index = Arc::new(index);
        let activities = SearchActivities::new(writer, index.clone());
        let server = TemporalServer::start().await;
        let worker = server.spawn_worker(move || {
            WorkerOptions::new(queues::SEARCH)
                .register_workflow::<SearchIndexing>()
                .unwrap()
                .register_activities(activities)
                .build()
        });
        Self {
            owner,
            store,
            index,
            server,
            candidate,
            debounce_millis: 500,
            _worker: worker,
            _database: database,
        }
    }

    /// As the relay does it.
    async fn tell(&self) {
        let input = IndexingInput {
            profile_id: self.candidate.profile_id,
            correlation_id: self.store.new_id(),
            timing: IndexingTiming {
                debounce_millis: self.debounce_millis,
            },
        };
        let change = Changed {
            event_id: self.store.new_id(),
        };
        let id = workflow_id(self.candidate.profile_id);
        let options = WorkflowStartOptions::new(queues::SEARCH, id).build();
        self.server
            .client()
            .signal_with_start_workflow(
                SearchIndexing::run,
                input,
                SearchIndexing::changed,
                change,
                options,
            )
            .await
            .unwrap();
    }

    async fn outcome(&self) -> Reflected {
        let handle = self
            .server
            .client()
            .get_workflow_handle::<SearchIndexing>(workflow_id(self.candidate.profile_id));
        let result = handle.get_result(WorkflowGetResultOptions::default());
        tokio::time::timeout(Duration::from_secs(60), result)
            .await
            .expect("the indexing ends")
            .expect("the indexing does not fail")
    }

    async fn record(&self, name: &str) {
        let handle = self
            .server
            .client()
            .get_workflow_handle::<SearchIndexing>(workflow_id(self.candidate.profile_id));
        let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
        record_history(history, "SearchIndexing", name).await;
    }

    /// The rule by which the entry was made, as it was noted.
    async fn rule(&self) -> Option<i32> {
        sqlx::query_scalar("SELECT rule FROM search.reflections WHERE profile_id = $1")
            .bind(self.candidate.profile_id)
            .fetch_optional(&self.owner)
            .await
            .unwrap()
    }

    fn is_indexed(&self) -> bool {
        self.index.holds(self.candidate.profile_id)
    }
}

#[tokio::test]
async fn an_entry_follows_the_profile() {
    let stage = Stage::new(MemoryIndex::default()).await;
    stage.tell().await;
    assert_eq!(stage.outcome().await, Reflected::Present);
    assert!(stage.is_indexed());
    assert_eq!(stage.rule().await, i32::try_from(RULE).ok());
    stage.record("present").await;
    set_status(&stage.owner, stage.candidate.profile_id, "REJECTED").await;
    stage.tell().await;
    assert_eq!(stage.outcome().await, Reflected::Absent);
    assert!(!stage.is_indexed());
    assert_eq!(stage.rule().await, None);
    stage.record("absent").await;
}

#[tokio::test]
async fn any_number_of_signals_ends_the_same() {
    let stage = Stage::new(MemoryIndex::default()).await;
    for _ in 0..20 {
        stage.tell().await;
    }
    assert_eq!(stage.outcome().await, Reflected::Present);
    let writes = stage.index.writes.load(Ordering::Relaxed);
    assert!(writes <= 3, "{writes} writes for 20 signals at once");
    stage.record("many_signals").await;
}

#[tokio::test]
async fn an_index_that_is_away_is_asked_until_it_is_back() {
    let stage = Stage::new(MemoryIndex::away(4, false)).await;
    stage.server.unlock_time().await;
    stage.tell().await;
    assert_eq!(stage.outcome().await, Reflected::Present);
    assert!(stage.is_indexed());
    assert_eq!(stage.index.writes.load(Ordering::Relaxed), 5);
    stage.record("retried").await;
}

#[tokio::test]
async fn an_entry_that_cannot_be_written_now_is_written_later() {
    let index = MemoryIndex {
        broken_for: AtomicU32::new(5),
        ..MemoryIndex::default()
    };
    let stage = Stage::new(index).await;
    stage.server.unlock_time().await;
    stage.tell().await;
    assert_eq!(stage.outcome().await, Reflected::Present);
    assert!(stage.is_indexed());
    assert_eq!(stage.index.writes.load(Ordering::Relaxed), 6);
}

#[tokio::test]
async fn a_step_done_twice_is_done_once() {
    let stage = Stage::new(MemoryIndex::away(1, true)).await;
    stage.server.unlock_time().await;
    stage.tell().await;
    assert_eq!(stage.outcome().await, Reflected::Present);
    assert!(stage.is_indexed());
    assert_eq!(stage.index.entries.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_during_the_debounce_is_what_is_written() {
    let mut stage = Stage::new(MemoryIndex::default()).await;
    stage.debounce_millis = 3_600_000;
    stage.tell().await;
    set_status(&stage.owner, stage.candidate.profile_id, "ARCHIVED").await;
    stage.server.skip(Duration::from_secs(3_601)).await;
    assert_eq!(stage.outcome().await, Reflected::Absent);
    assert!(!stage.is_indexed());
}

#[tokio::test]
async fn a_cancelled_indexing_ends_and_the_next_change_begins_another() {
    let mut stage = Stage::new(MemoryIndex::default()).await;
    stage.debounce_millis = 3_600_000;
    stage.tell().await;
    let handle = stage
        .server
        .client()
        .get_workflow_handle::<SearchIndexing>(workflow_id(stage.candidate.profile_id));
    handle
        .cancel(WorkflowCancelOptions::default())
        .await
        .unwrap();
    let result = handle.get_result(WorkflowGetResultOptions::default());
    let result = tokio::time::timeout(Duration::from_secs(30), result).await;
    assert!(result.expect("it ends").is_err(), "it ends as cancelled");
    assert!(!stage.is_indexed());
    stage.record("cancelled").await;
    // It is gone: a signal alone reaches nobody.
    let change = Changed {
        event_id: Uuid::from_u128(1),
    };
    let lost = handle
        .signal(
            SearchIndexing::changed,
            change,
            WorkflowSignalOptions::default(),
        )
        .await;
    assert!(lost.is_err());
    stage.debounce_millis = 10;
    stage.tell().await;
    assert_eq!(stage.outcome().await, Reflected::Present);
}

#[tokio::test]
async fn recorded_histories_still_replay() {
    for name in ["present", "absent", "many_signals", "retried", "cancelled"] {
        let options = WorkflowReplayerOptions::new()
            .register_workflow::<SearchIndexing>()
            .unwrap()
            .build();
        WorkflowReplayer::new(options)
            .unwrap()
            .replay_workflow(history("SearchIndexing", name))
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
