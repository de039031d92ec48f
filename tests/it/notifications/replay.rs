//! Recorded histories of `NotificationDelivery` still replay.

use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use tests::temporal::history;
use workflows::notifications::NotificationDelivery;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_deliveries_replay() {
    for name in ["sent", "gave_up", "later"] {
        let options = WorkflowReplayerOptions::new()
            .register_workflow::<NotificationDelivery>()
            .unwrap()
            .build();
        let replayer = WorkflowReplayer::new(options).unwrap();
        replayer
            .replay_workflow(history("NotificationDelivery", name))
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
