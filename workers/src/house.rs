//! What the activities stand on, made from the configuration once.

use std::sync::Arc;

use activities::clients::mail::Mailer;
use activities::clients::scanner::Scanner;
use activities::notifications::Zone;
use anyhow::Context as _;
use store::breaker::Breaker;
use store::clock::Clock;
use store::documents::Vault;
use store::objects::ObjectStore;
use store::search::{self, SearchIndex};
use store::secrets::Keyring;
use store::secrets::document_keys::MasterKeys;
use store::{Store, Writer};

use crate::config::Config;

/// The dependencies of this process. What a process has no role for may be absent.
#[derive(Clone)]
pub struct House {
    /// PostgreSQL, with the right to write statuses.
    pub writer: Writer,
    /// The keys of links in mails.
    pub keys: Keyring,
    /// The address that links begin with.
    pub public_url: String,
    /// The zone of times in mails to people whose country is not known.
    pub zone: Zone,
    /// Where mail goes.
    pub mailer: Option<Mailer>,
    /// Documents and what opens them.
    pub vault: Option<Vault>,
    /// The malware scanner.
    pub scanner: Option<Scanner>,
    /// The search engine.
    pub index: Arc<dyn SearchIndex>,
}

impl House {
    /// Prepares everything and connects to nothing, so that the worker starts whatever is away.
    pub fn new(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let store = Store::connect_lazy(&config.database.url, &config.database.pool, clock)
            .context("DB_WORKER_URL is no PostgreSQL address")?;
        let index = search::engine(&config.search, &store)?;
        let vault = match (&config.objects, &config.documents.master_keys) {
            (Some(objects), Some(keys)) => Some(Vault {
                objects: ObjectStore::new(objects),
                keys: Arc::new(MasterKeys::parse(keys)?),
            }),
            _ => None,
        };
        Ok(Self {
            writer: Writer::new(store),
            keys: Keyring::parse(&config.links.link_key)?,
            public_url: config.links.public_url.clone(),
            zone: config.links.time_zone,
            mailer: config.mail.as_ref().map(Mailer::new).transpose()?,
            vault,
            scanner: config.scanner.as_ref().map(Scanner::new),
            index,
        })
    }

    /// The breakers of the dependencies that are there, with their names.
    #[must_use]
    pub fn breakers(&self) -> Vec<(&'static str, Breaker)> {
        let mail = self.mailer.as_ref().map(|it| {
            let name = activities::clients::mail::DEPENDENCY;
            (name, it.breaker().clone())
        });
        let scanner = self.scanner.as_ref().map(|it| {
            let name = activities::clients::scanner::DEPENDENCY;
            (name, it.breaker().clone())
        });
        mail.into_iter().chain(scanner).collect()
    }
}
