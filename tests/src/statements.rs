//! Counts the SQL statements of a piece of work, as sqlx logs them.

use std::cell::RefCell;
use std::fmt;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::set_global_default;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

/// The target under which sqlx logs each statement.
const TARGET: &str = "sqlx::query";

tokio::task_local! {
    static SENT: RefCell<Vec<String>>;
}

/// Does the work and returns its result with the statements it sent, those that begin and end a
/// transaction apart. What the work spawns is not counted.
pub async fn counted<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    static LISTEN: Once = Once::new();
    LISTEN.call_once(|| {
        let only = Targets::new().with_target(TARGET, LevelFilter::DEBUG);
        set_global_default(registry().with(Counter.with_filter(only)))
            .expect("no other subscriber is global in the tests");
    });
    let work = async {
        let result = work.await;
        (result, SENT.with(|sent| sent.borrow().clone()))
    };
    SENT.scope(RefCell::default(), work).await
}

struct Counter;

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut summary = Summary(String::new());
        event.record(&mut summary);
        let frame = ["BEGIN", "COMMIT", "ROLLBACK"];
        if !frame.iter().any(|word| summary.0.starts_with(word)) {
            // Outside of a count there is nowhere to write it.
            let _ = SENT.try_with(|sent| sent.borrow_mut().push(summary.0));
        }
    }
}

struct Summary(String);

impl Visit for Summary {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
