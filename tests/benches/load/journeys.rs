//! Whole journeys beside a workflow that does nothing, with as many activities.
#![expect(
    dead_code,
    reason = "the macro makes a constant for each activity, which only workflows name"
)]

use std::collections::BTreeMap;

use anyhow::Context as _;
use futures::StreamExt as _;
use futures::future::try_join_all;
use serde_json::Value;
use temporalio_client::{
    Client, UntypedWorkflow, WorkflowFetchHistoryOptions, WorkflowGetResultOptions,
    WorkflowListOptions, WorkflowStartOptions,
};
use temporalio_common::protos::temporal::api::enums::v1::EventType;
use temporalio_macros::{activities, workflow, workflow_methods};
use temporalio_sdk::WorkerOptions;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use temporalio_workflow::{WorkflowContext, WorkflowContextView, WorkflowResult};
use tests::people::Candidate;
use tests::temporal::RunningWorker;
use tokio::time::Instant;
use uuid::Uuid;
use workflows::conventions;
use workflows::search::{Reflect, ReflectInput, Reflected};

use crate::stage::Stage;

const QUEUE: &str = "nothing";

/// The events of a history that Temporal counts as actions.
const ACTIONS: [(EventType, &str); 6] = [
    (EventType::WorkflowExecutionStarted, "starts"),
    (EventType::ActivityTaskScheduled, "activities"),
    (EventType::WorkflowExecutionUpdateAccepted, "updates"),
    (EventType::WorkflowExecutionSignaled, "signals"),
    (EventType::TimerStarted, "timers"),
    (
        EventType::UpsertWorkflowSearchAttributes,
        "search attributes",
    ),
];
/// Mails are counted apart: how many there are is the product's affair.
const MAILS: &str = "NotificationDelivery";

/// Does nothing, so many times.
#[workflow]
pub struct Nothing {
    activities: u32,
}

#[workflow_methods]
impl Nothing {
    #[init]
    fn new(_ctx: &WorkflowContextView, activities: u32) -> Self {
        Self { activities }
    }

    /// One activity after the other.
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        for _ in 0..ctx.state(|state| state.activities) {
            let input = ReflectInput {
                profile_id: Uuid::nil(),
            };
            ctx.execute_activity(Reflect, input, conventions::database_activity("Nothing"))
                .await?;
        }
        Ok(())
    }
}

/// The activities that do nothing.
pub struct Idle;

#[activities]
#[expect(clippy::unused_async, reason = "the signature that the macro asks for")]
impl Idle {
    #[activity(definition = workflows::search::Reflect)]
    async fn reflect(
        self: std::sync::Arc<Self>,
        _ctx: ActivityContext,
        _input: ReflectInput,
    ) -> Result<Reflected, ActivityError> {
        Ok(Reflected::Absent)
    }
}

/// Plays so many journeys at once, then as many empty workflows.
pub async fn compare(stage: &Stage, count: usize) -> anyhow::Result<()> {
    let client = stage.app.temporal();
    let since = stage.app.database().store().now();
    let journeys = journeys(stage, count).await?;
    // What a journey leaves to do, such as mails, is a part of it; the rest settles meanwhile.
    let done = Actions::since(client, &since.to_rfc3339()).await?;
    let activities = done.activities(count);
    let nothing = nothing(client, count, activities).await?;
    println!(
        "\n{count} journeys: {journeys:.2}/s; empty workflows of {activities} activities: {nothing:.2}/s; ratio {:.0} %",
        100.0 * journeys / nothing
    );
    done.print(count);
    Ok(())
}

async fn journeys(stage: &Stage, count: usize) -> anyhow::Result<f64> {
    let began = Instant::now();
    try_join_all((0..count).map(|_| journey(stage))).await?;
    Ok(rate(count, began))
}

async fn journey(stage: &Stage) -> anyhow::Result<()> {
    let candidate = Candidate::ready(&stage.app.place).await?;
    let case = candidate.submitted().await?;
    stage.reviewer.validate(&case).await
}

async fn nothing(client: &Client, count: usize, activities: u32) -> anyhow::Result<f64> {
    let worker = RunningWorker::spawn(client.clone(), || {
        WorkerOptions::new(QUEUE)
            .register_activities(Idle)
            .register_workflow::<Nothing>()
            .expect("a workflow without patches")
            .build()
    });
    let began = Instant::now();
    let runs = (0..count).map(|number| async move {
        let options = WorkflowStartOptions::new(QUEUE, format!("nothing-{number}")).build();
        let handle = client
            .start_workflow(Nothing::run, activities, options)
            .await?;
        handle
            .get_result(WorkflowGetResultOptions::default())
            .await?;
        anyhow::Ok(())
    });
    try_join_all(runs).await?;
    let rate = rate(count, began);
    drop(worker);
    Ok(rate)
}

fn rate(count: usize, began: Instant) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / began.elapsed().as_secs_f64()
}

/// How many actions of each kind there were, mails apart and of mails.
#[derive(Default)]
struct Actions {
    own: BTreeMap<&'static str, usize>,
    mails: BTreeMap<&'static str, usize>,
}

impl Actions {
    /// Counts in the histories of all workflows that were started since.
    async fn since(client: &Client, moment: &str) -> anyhow::Result<Self> {
        let query = format!("StartTime >= '{moment}'");
        let mut found = client.list_workflows(query, WorkflowListOptions::default());
        let mut actions = Self::default();
        while let Some(execution) = found.next().await {
            let execution = execution?;
            let handle = client.get_workflow_handle::<UntypedWorkflow>(execution.id());
            let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
            let history: Value = serde_json::from_slice(history.to_json().await?.as_ref())?;
            let counts = match execution.workflow_type() {
                MAILS => &mut actions.mails,
                _ => &mut actions.own,
            };
            count(&history, counts).context("a history without events")?;
        }
        Ok(actions)
    }

    fn activities(&self, journeys: usize) -> u32 {
        let of = |counts: &BTreeMap<&str, usize>| counts.get("activities").copied();
        let all = of(&self.own).unwrap_or_default() + of(&self.mails).unwrap_or_default();
        u32::try_from(all.div_ceil(journeys)).unwrap_or(u32::MAX)
    }

    fn print(&self, journeys: usize) {
        for (name, counts) in [
            ("actions of a journey", &self.own),
            ("of its mails", &self.mails),
        ] {
            let total: usize = counts.values().sum();
            let kinds: Vec<String> = counts
                .iter()
                .map(|(kind, count)| format!("{kind} {}", count / journeys))
                .collect();
            println!("{name}: {} ({})", total / journeys, kinds.join(", "));
        }
    }
}

fn count(history: &Value, counts: &mut BTreeMap<&'static str, usize>) -> Option<()> {
    for event in history["events"].as_array()? {
        let kind = ACTIONS
            .iter()
            .find(|(kind, _)| event["event_type"] == *kind as i32);
        if let Some((_, kind)) = kind {
            *counts.entry(kind).or_default() += 1;
        }
    }
    Some(())
}
