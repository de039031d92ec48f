//! What the API never talks to itself, but people wait for: the scanner and the mail server.
//! Whether they listen is found out by connecting, seldom, however often `/readyz` is asked.

use std::time::Duration;

use axum::http::Uri;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::config::NeighboursConfig;

/// How long an answer is believed.
const BELIEVED: Duration = Duration::from_secs(5);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(1);

/// The scanner and the mail server, each if its address is configured.
#[derive(Debug)]
pub struct Neighbours(Vec<Neighbour>);

#[derive(Debug)]
struct Neighbour {
    name: &'static str,
    address: String,
    last: Mutex<Option<(Instant, bool)>>,
}

impl Neighbours {
    /// Those whose address is configured.
    #[must_use]
    pub fn new(config: &NeighboursConfig) -> Self {
        let clamd = config.clamav_address.clone();
        let smtp = config.smtp_url.as_ref();
        let smtp = smtp.and_then(|url| mail_server(url.expose_secret()));
        let named = [("clamd", clamd), ("smtp", smtp)];
        let known = named.into_iter().filter_map(|(name, address)| {
            let address = address.filter(|address| !address.is_empty())?;
            let last = Mutex::default();
            Some(Neighbour {
                name,
                address,
                last,
            })
        });
        Self(known.collect())
    }

    /// Each with whether it listens.
    pub async fn probe(&self) -> Vec<(&'static str, bool)> {
        let asked = self.0.iter();
        let asked = asked.map(async |neighbour| (neighbour.name, neighbour.is_up().await));
        futures::future::join_all(asked).await
    }
}

impl Neighbour {
    async fn is_up(&self) -> bool {
        // Whoever asks meanwhile waits for the same answer.
        let mut last = self.last.lock().await;
        match *last {
            Some((at, is_up)) if at.elapsed() < BELIEVED => is_up,
            _ => {
                let connecting = TcpStream::connect(self.address.as_str());
                let connected = tokio::time::timeout(CONNECT, connecting).await;
                let is_up = matches!(connected, Ok(Ok(_)));
                *last = Some((Instant::now(), is_up));
                is_up
            }
        }
    }
}

/// `host:port` of an SMTP address.
fn mail_server(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let usual = if uri.scheme_str() == Some("smtps") {
        465
    } else {
        25
    };
    Some(format!(
        "{}:{}",
        uri.host()?,
        uri.port_u16().unwrap_or(usual)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_has_a_host_and_a_port() {
        for (url, address) in [
            ("smtp://127.0.0.1:1025", Some("127.0.0.1:1025")),
            ("smtps://me:p%40ss@mail.example", Some("mail.example:465")),
            ("smtp://mail.example?tls=required", Some("mail.example:25")),
            ("", None),
        ] {
            assert_eq!(mail_server(url).as_deref(), address, "{url}");
        }
    }

    #[tokio::test]
    async fn only_what_is_configured_is_probed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = NeighboursConfig {
            clamav_address: Some(listener.local_addr().unwrap().to_string()),
            smtp_url: Some("smtp://127.0.0.1:1".to_owned().into()),
        };
        let found = Neighbours::new(&config).probe().await;
        assert_eq!(found, [("clamd", true), ("smtp", false)]);
        let none = Neighbours::new(&NeighboursConfig::default());
        assert!(none.probe().await.is_empty());
    }
}
