//! What the worker is told from outside: one section a concern, every variable documented.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};
use secrecy::SecretString;
use store::DatabaseConfig;
use store::clock::seconds;
use store::objects::ObjectStoreConfig;
use store::search::SearchConfig;
use workflows::queues;

use activities::clients::mail::MailConfig;
use activities::clients::scanner::ScannerConfig;
use activities::notifications::Zone;

use crate::relay::RelayConfig;
use crate::timers::Timers;

/// Yemma's worker: the workflows, their activities, the relay of events and the sweeps.
#[derive(Clone, Debug, Parser)]
#[command(name = "yemma-worker", version)]
pub struct Config {
    /// What this process does; a service scales alone by processes for its queue only.
    #[arg(
        long = "queues",
        env = "WORKER_QUEUES",
        value_delimiter = ',',
        value_enum,
        default_values_t = Role::ALL
    )]
    pub roles: Vec<Role>,
    /// Where `/metrics`, `/healthz` and `/readyz` are served.
    #[arg(long, env = "WORKER_METRICS_ADDRESS", default_value = "127.0.0.1:9090")]
    pub metrics_address: SocketAddr,
    /// How long running activities may take to finish after SIGTERM.
    #[arg(long, env = "WORKER_GRACE_SECONDS", default_value = "20", value_parser = seconds)]
    pub grace: Duration,
    /// PostgreSQL.
    #[command(flatten)]
    pub database: WorkerDatabase,
    /// Temporal.
    #[command(flatten)]
    pub temporal: TemporalConfig,
    /// The relay.
    #[command(flatten)]
    pub relay: RelayConfig,
    /// Every duration of every timer.
    #[command(flatten)]
    pub timers: Timers,
    /// Mail; needed by the role `notifications`.
    #[command(flatten)]
    pub mail: Option<MailConfig>,
    /// What mails say of places and times.
    #[command(flatten)]
    pub links: LinksConfig,
    /// Object storage; needed by the role `documents`.
    #[command(flatten)]
    pub objects: Option<ObjectStoreConfig>,
    /// The keys of documents.
    #[command(flatten)]
    pub documents: DocumentsConfig,
    /// The malware scanner; needed by the role `documents`.
    #[command(flatten)]
    pub scanner: Option<ScannerConfig>,
    /// The search engine.
    #[command(flatten)]
    pub search: SearchConfig,
}

/// One thing that a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Role {
    /// The task queue of onboarding.
    Candidates,
    /// The task queue of documents.
    Documents,
    /// The task queue of cases.
    Validation,
    /// The task queue of the search index.
    Search,
    /// The task queue of mails.
    Notifications,
    /// Events to their consumers.
    Relay,
    /// Remains that nobody needs any more.
    Sweeper,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Candidates,
        Self::Documents,
        Self::Validation,
        Self::Search,
        Self::Notifications,
        Self::Relay,
        Self::Sweeper,
    ];

    /// The task queue of the role, if it serves one.
    #[must_use]
    pub const fn task_queue(self) -> Option<&'static str> {
        match self {
            Self::Candidates => Some(queues::CANDIDATES),
            Self::Documents => Some(queues::DOCUMENTS),
            Self::Validation => Some(queues::VALIDATION),
            Self::Search => Some(queues::SEARCH),
            Self::Notifications => Some(queues::NOTIFICATIONS),
            Self::Relay | Self::Sweeper => None,
        }
    }
}

/// PostgreSQL, as the role `yemma_worker`.
#[derive(Args, Clone, Debug)]
pub struct WorkerDatabase {
    /// Connection string of the worker's role.
    #[arg(long = "database-url", env = "DB_WORKER_URL", hide_env_values = true)]
    pub url: SecretString,
    /// The pool.
    #[command(flatten)]
    pub pool: DatabaseConfig,
}

/// Temporal, whose tasks the worker takes.
#[derive(Args, Clone, Debug)]
pub struct TemporalConfig {
    /// `host:port` of the frontend.
    #[arg(
        long = "temporal-address",
        env = "YEMMA_TEMPORAL_ADDRESS",
        default_value = "127.0.0.1:7233"
    )]
    pub address: String,
    /// The namespace.
    #[arg(
        long = "temporal-namespace",
        env = "YEMMA_TEMPORAL_NAMESPACE",
        default_value = "default"
    )]
    pub namespace: String,
}

/// The keys of documents.
#[derive(Args, Clone, Debug)]
pub struct DocumentsConfig {
    /// Master keys that wrap the keys of documents, `id:base64,...`; needed by the role
    /// `documents`.
    #[arg(long, env = "DOCUMENT_MASTER_KEYS", hide_env_values = true)]
    pub master_keys: Option<SecretString>,
}

/// Links and times in mails.
#[derive(Args, Clone, Debug)]
pub struct LinksConfig {
    /// The key that link tokens are made with: 32 random bytes in base64, the API's as well.
    #[arg(long, env = "AUTH_LINK_KEY", hide_env_values = true)]
    pub link_key: SecretString,
    /// The address that people see, with which links begin.
    #[arg(long, env = "API_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    pub public_url: String,
    /// The time zone in which mails tell times to people whose country is not known, such as the
    /// reviewers: a name of the IANA database.
    #[arg(long, env = "DEFAULT_TIME_ZONE", default_value = "Europe/Paris")]
    pub time_zone: Zone,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    const REQUIRED: [&str; 5] = [
        "yemma-worker",
        "--database-url",
        "postgres://worker@127.0.0.1/yemma",
        "--link-key",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ];

    #[test]
    fn the_options_are_consistent() {
        Config::command().debug_assert();
    }

    #[test]
    fn it_does_everything_unless_told_otherwise() {
        let config = Config::try_parse_from(REQUIRED).expect("the defaults suffice");
        assert_eq!(config.roles, Role::ALL);
        let chosen = REQUIRED
            .iter()
            .copied()
            .chain(["--queues", "documents,relay"]);
        let config = Config::try_parse_from(chosen).expect("two roles");
        assert_eq!(config.roles, [Role::Documents, Role::Relay]);
    }

    #[test]
    fn every_task_queue_has_a_role() {
        let served: Vec<_> = Role::ALL.into_iter().filter_map(Role::task_queue).collect();
        assert_eq!(served, queues::ALL);
    }
}
