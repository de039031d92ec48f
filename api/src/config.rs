//! The API's configuration: one section a concern, every variable documented here.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use store::clock::seconds;

use crate::gateway::proxies::TrustedProxies;

/// The Yemma HTTP API.
#[derive(Debug, Clone, Parser)]
#[command(name = "yemma-api", version)]
pub struct Cli {
    /// What to do; `serve` when left out.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Serve HTTP until SIGTERM or SIGINT.
    Serve(Box<Config>),
    /// Print the `OpenAPI` document and end.
    Openapi,
}

/// Everything the API needs to know.
#[derive(Debug, Clone, Parser)]
#[command(name = "yemma-api serve")]
pub struct Config {
    /// The HTTP server.
    #[command(flatten)]
    pub http: HttpConfig,
    /// Access tokens and passwords.
    #[command(flatten)]
    pub auth: AuthConfig,
    /// PostgreSQL.
    #[command(flatten)]
    pub database: PostgresConfig,
    /// Temporal.
    #[command(flatten)]
    pub temporal: TemporalConfig,
    /// The search engine.
    #[command(flatten)]
    pub search: store::search::SearchConfig,
    /// Redis and the limits it counts.
    #[command(flatten)]
    pub limits: LimitsConfig,
    /// Uploads and their keys.
    #[command(flatten)]
    pub documents: DocumentsConfig,
    /// Consents and reminders.
    #[command(flatten)]
    pub candidates: store::candidates::CandidateSettings,
    /// How late a case is.
    #[command(flatten)]
    pub validation: ValidationConfig,
    /// Object storage.
    #[command(flatten)]
    pub objects: store::objects::ObjectStoreConfig,
    /// What only the workers talk to.
    #[command(flatten)]
    pub neighbours: NeighboursConfig,
}

/// What only the workers talk to; `/readyz` tells whether it is there, if it is told where.
#[derive(Debug, Clone, Default, Args)]
pub struct NeighboursConfig {
    /// `host:port` of clamd.
    #[arg(long, env = "CLAMAV_ADDRESS")]
    pub clamav_address: Option<String>,
    /// The server that mails are handed to, as an SMTP address.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,
}

/// The targets that the queue shows; the worker escalates by the same variables.
#[derive(Debug, Clone, Args)]
pub struct ValidationConfig {
    /// Seconds from which a case is shown as late.
    #[arg(
        long,
        env = "VALIDATION_ESCALATION_WARNING_SECONDS",
        default_value_t = 86_400
    )]
    pub escalation_warning: i64,
    /// Seconds from which a case has missed its target.
    #[arg(
        long,
        env = "VALIDATION_ESCALATION_BREACH_SECONDS",
        default_value_t = 172_800
    )]
    pub escalation_breach: i64,
}

/// The HTTP server.
#[derive(Debug, Clone, Args)]
pub struct HttpConfig {
    /// Where to listen.
    #[arg(long, env = "API_LISTEN_ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The address that clients see; issuer of tokens and base of document links.
    #[arg(long, env = "API_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    pub public_url: String,
    /// Networks of the reverse proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.
    #[arg(long, env = "API_TRUSTED_PROXIES", default_value = "")]
    pub trusted_proxies: TrustedProxies,
    /// Connections served at once; more wait in the listen queue.
    #[arg(long, env = "API_MAX_CONNECTIONS", default_value_t = 2048)]
    pub max_http_connections: usize,
    /// Time a client has to send a request's headers, and a connection may idle.
    #[arg(long, env = "API_HEADER_TIMEOUT", default_value = "15", value_parser = seconds)]
    pub header_timeout: Duration,
    /// Longest pause between two parts of a request's body.
    #[arg(long, env = "API_BODY_TIMEOUT", default_value = "15", value_parser = seconds)]
    pub body_timeout: Duration,
    /// Time that requests in progress get to end after SIGTERM.
    #[arg(long, env = "API_SHUTDOWN_TIMEOUT", default_value = "20", value_parser = seconds)]
    pub shutdown_timeout: Duration,
}

/// Access tokens, refresh tokens and links.
#[derive(Debug, Clone, Args)]
pub struct AuthConfig {
    /// The Ed25519 key that signs access tokens (PKCS#8 PEM).
    #[arg(long, env = "AUTH_JWT_PRIVATE_KEY_FILE")]
    pub jwt_private_key_file: PathBuf,
    /// Public keys (SPKI PEM) that signed before the last rotation, still accepted.
    #[arg(long, env = "AUTH_JWT_RETIRED_KEY_FILES", value_delimiter = ',')]
    pub jwt_retired_key_files: Vec<PathBuf>,
    /// The audience of access tokens.
    #[arg(long, env = "AUTH_JWT_AUDIENCE", default_value = "yemma")]
    pub jwt_audience: String,
    /// Lifetime of an access token.
    #[arg(long, env = "AUTH_ACCESS_TOKEN_SECONDS", default_value = "900", value_parser = seconds)]
    pub access_token_lifetime: Duration,
    /// The key of links, refresh tokens and request fingerprints: 32 random bytes in base64.
    #[arg(long, env = "AUTH_LINK_KEY", hide_env_values = true)]
    pub link_key: SecretString,
    /// Passwords hashed at once, each taking 19 MiB; others wait.
    #[arg(long, env = "AUTH_PASSWORD_HASHERS", default_value_t = 2)]
    pub password_hashers: usize,
}

/// PostgreSQL, as the role `yemma_api`.
#[derive(Debug, Clone, Args)]
pub struct PostgresConfig {
    /// Connection string of the API's role.
    #[arg(long, env = "DB_API_URL", hide_env_values = true)]
    pub url: SecretString,
    /// The pool.
    #[command(flatten)]
    pub pool: store::DatabaseConfig,
}

/// Temporal, which commands are sent to.
#[derive(Debug, Clone, Args)]
pub struct TemporalConfig {
    /// `host:port` of the frontend.
    #[arg(long, env = "YEMMA_TEMPORAL_ADDRESS", default_value = "127.0.0.1:7233")]
    pub address: String,
    /// The namespace.
    #[arg(long, env = "YEMMA_TEMPORAL_NAMESPACE", default_value = "default")]
    pub namespace: String,
}

/// Uploads and the keys of documents.
#[derive(Debug, Clone, Args)]
pub struct DocumentsConfig {
    /// Bytes of the largest file that is taken in.
    #[arg(long, env = "DOCUMENT_MAX_BYTES", default_value_t = 10 * 1024 * 1024)]
    pub max_bytes: u64,
    /// Master keys that wrap the keys of documents, `id:base64,...`; the first one wraps new ones. A
    /// new key gets a new id: the API refuses to start with other bytes under a known one.
    #[arg(long, env = "DOCUMENT_MASTER_KEYS", hide_env_values = true)]
    pub master_keys: SecretString,
    /// How uploads come.
    #[command(flatten)]
    pub uploads: UploadsConfig,
}

/// What uploads on their way may take.
#[derive(Debug, Clone, Args)]
pub struct UploadsConfig {
    /// Uploads of one account on their way at once, in each instance.
    #[arg(long, env = "API_UPLOADS_EACH", default_value_t = 3)]
    pub uploads_each: usize,
    /// Bytes a second that the sender of an upload must send at least, on average over a window.
    #[arg(long, env = "API_UPLOAD_MIN_BYTES_PER_SECOND", default_value_t = 8 * 1024)]
    pub min_bytes_per_second: u64,
    /// The window.
    #[arg(long, env = "API_UPLOAD_RATE_WINDOW", default_value = "30", value_parser = seconds)]
    pub rate_window: Duration,
    /// How long an upload may take in all; a file that takes longer at the least rate has that long.
    #[arg(long, env = "API_UPLOAD_TIMEOUT", default_value = "600", value_parser = seconds)]
    pub upload_timeout: Duration,
    /// Bytes of the temporary directory that uploads on their way may take in this instance.
    #[arg(long, env = "API_SPOOL_MAX_BYTES", default_value_t = 1024 * 1024 * 1024)]
    pub spool_max_bytes: u64,
}

impl Default for UploadsConfig {
    fn default() -> Self {
        Self {
            uploads_each: 3,
            min_bytes_per_second: 8 * 1024,
            rate_window: Duration::from_secs(30),
            upload_timeout: Duration::from_secs(600),
            spool_max_bytes: 1024 * 1024 * 1024,
        }
    }
}

/// The shared rate limits.
#[derive(Debug, Clone, Args)]
pub struct LimitsConfig {
    /// Redis, which all instances count in.
    #[arg(
        long,
        env = "REDIS_URL",
        hide_env_values = true,
        default_value = "redis://127.0.0.1:6379/0"
    )]
    pub redis_url: SecretString,
    /// Requests a minute that one address may make to the routes of `/auth` that need no token, and
    /// as many to plans and reference lists.
    #[arg(long, env = "API_AUTH_REQUESTS_PER_MINUTE", default_value_t = 6000)]
    pub auth_requests_per_minute: u32,
    /// The same while Redis is away, for each instance by itself.
    #[arg(
        long,
        env = "API_AUTH_REQUESTS_PER_MINUTE_ALONE",
        default_value_t = 1200
    )]
    pub auth_requests_per_minute_alone: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
