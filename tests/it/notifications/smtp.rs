//! Mail servers that do what a test wants of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A mail server that refuses the first mails, each recipient with `550`, then takes the rest.
pub struct RefusingServer {
    pub address: SocketAddr,
    pub taken: Arc<AtomicUsize>,
    pub refused: Arc<AtomicUsize>,
}

impl RefusingServer {
    pub async fn start(refusals: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            taken: Arc::default(),
            refused: Arc::default(),
        };
        let (taken, refused) = (server.taken.clone(), server.refused.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (taken, refused) = (taken.clone(), refused.clone());
                tokio::spawn(converse(stream, refusals, taken, refused));
            }
        });
        server
    }
}

async fn converse(
    stream: TcpStream,
    refusals: usize,
    taken: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test ESMTP\r\n").await.ok()?;
    let mut is_data = false;
    while let Some(line) = lines.next_line().await.ok()? {
        let answer: &[u8] = match line.to_ascii_uppercase() {
            _ if is_data && line != "." => continue,
            _ if is_data => {
                is_data = false;
                taken.fetch_add(1, Ordering::SeqCst);
                b"250 taken\r\n"
            }
            line if line.starts_with("RCPT") && refused.load(Ordering::SeqCst) < refusals => {
                refused.fetch_add(1, Ordering::SeqCst);
                b"550 no such mailbox\r\n"
            }
            line if line.starts_with("DATA") => {
                is_data = true;
                b"354 go on\r\n"
            }
            line if line.starts_with("QUIT") => b"221 bye\r\n",
            _ => b"250 fine\r\n",
        };
        write.write_all(answer).await.ok()?;
    }
    Some(())
}

/// Answers on `port` by passing everything on to `target`: a mail server that is back.
pub async fn forward(port: u16, target: String) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let target = target.clone();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(target).await.unwrap();
                drop(copy_bidirectional(&mut near, &mut far).await);
            });
        }
    });
}
