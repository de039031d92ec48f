//! A TCP proxy before a dependency, which can be told to go silent or to hang up.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What becomes of connections, those that are open included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Bytes go through.
    Forwards,
    /// Connections are accepted and kept, and nothing goes through: the worst that a dependency
    /// can do to whoever has no time-out.
    Silent,
    /// Connections are closed, new ones at once.
    HangsUp,
    /// Bytes go through, each way taking this long.
    Far(Duration),
}

/// A proxy on a port of its own; ended with the value.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    _stop: DropGuard,
}

impl FaultProxy {
    /// Stands before `host:port` and forwards.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn before(target: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (mood, moods) = watch::channel(Mood::Forwards);
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let target = target.to_owned();
        tokio::spawn(stopped.run_until_cancelled_owned(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, target.clone(), moods.clone()));
            }
        }));
        Ok(Self {
            address,
            mood,
            _stop: stop.drop_guard(),
        })
    }

    /// `host:port` to connect to in place of the target.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Changes what becomes of connections, from now on.
    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }
}

async fn serve(client: TcpStream, target: String, mut mood: watch::Receiver<Mood>) {
    if !forwards(&mut mood).await {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    // What matters is time, so nothing is held back to fill a packet.
    drop((client.set_nodelay(true), server.set_nodelay(true)));
    let (client, server) = (client.into_split(), server.into_split());
    tokio::select! {
        () = pump(client.0, server.1, mood.clone()) => {}
        () = pump(server.0, client.1, mood.clone()) => {}
    }
}

/// Waits while it is silent; whether it forwards then. The proxy's end hangs up as well.
async fn forwards(mood: &mut watch::Receiver<Mood>) -> bool {
    let spoken = mood.wait_for(|mood| *mood != Mood::Silent).await;
    spoken.is_ok_and(|mood| *mood != Mood::HangsUp)
}

async fn pump(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut mood: watch::Receiver<Mood>,
) {
    let mut piece = vec![0; 16 * 1024];
    while forwards(&mut mood).await {
        let read = tokio::select! {
            read = from.read(&mut piece) => read,
            changed = mood.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        let read = read.unwrap_or(0);
        let mood_now = *mood.borrow();
        if let Mood::Far(way) = mood_now {
            tokio::time::sleep(way).await;
        }
        // What was read while the mood changed waits like the rest.
        if read == 0 || !forwards(&mut mood).await || to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}
