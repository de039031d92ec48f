//! Logs of every program: one JSON object a line, or readable lines on a terminal. Here, beside
//! the clock, because the API and the worker both stand on this crate and share no other.

use std::error::Error;
use std::fmt;
use std::io::IsTerminal;

use chrono::SecondsFormat;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use crate::clock::Clock;
use crate::error::chain;

/// Starts logging to standard error. `RUST_LOG` chooses what; by default `info`.
pub fn init(service: &'static str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.init();
    } else {
        builder
            .fmt_fields(JsonFields::new())
            .event_format(JsonLines {
                service,
                clock: Clock::system(),
            })
            .init();
    }
}

/// One flat object a line: the fields of the spans around the event, then the event's own.
struct JsonLines {
    service: &'static str,
    clock: Clock,
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line(Map::new());
        line.put(
            "timestamp",
            self.clock
                .now()
                .to_rfc3339_opts(SecondsFormat::Millis, true),
        );
        line.put("service", self.service);
        line.put("level", event.metadata().level().as_str());
        line.put("target", event.metadata().target());
        for span in context
            .event_scope()
            .into_iter()
            .flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            let extensions = span.extensions();
            let fields = extensions
                .get::<FormattedFields<N>>()
                .map(|fields| fields.fields.as_str());
            if let Some(Ok(fields)) = fields.map(serde_json::from_str::<Map<String, Value>>) {
                line.0.extend(fields);
            }
        }
        event.record(&mut line);
        writeln!(writer, "{}", Value::Object(line.0))
    }
}

struct Line(Map<String, Value>);

impl Line {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    /// An error with everything that caused it: what it says itself names the dependency, and its
    /// causes say what is wrong.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(field.name(), chain(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::StoreError;
    use crate::database::DEPENDENCY;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no other writer failed").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_error_is_logged_with_its_causes() {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .fmt_fields(JsonFields::new())
            .event_format(JsonLines {
                service: "test",
                clock: Clock::system(),
            })
            .finish();
        let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "nobody listens");
        let error = StoreError::unavailable(DEPENDENCY, refused);
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(error = &error as &(dyn Error + 'static), "a test");
        });
        let line = kept.0.lock().expect("no writer failed").clone();
        let line: Value = serde_json::from_slice(&line).expect("a JSON line");
        assert_eq!(line["error"], "postgres is unavailable: nobody listens");
    }
}
