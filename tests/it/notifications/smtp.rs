//! Mail servers that do what a test wants of them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

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

/// A mail server that gives these answers to the recipients of the first mails, one after another,
/// then takes what comes.
pub struct ScriptedServer {
    pub address: SocketAddr,
    script: Arc<Mutex<VecDeque<&'static str>>>,
    /// The mails that it took.
    pub taken: Arc<Mutex<Vec<String>>>,
}

impl ScriptedServer {
    pub async fn start(script: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            script: Arc::new(Mutex::new(script.iter().copied().collect())),
            taken: Arc::default(),
        };
        let (script, taken) = (server.script.clone(), server.taken.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(follow(stream, script.clone(), taken.clone()));
            }
        });
        server
    }

    /// How many answers of the script are left.
    pub fn left(&self) -> usize {
        self.script.lock().unwrap().len()
    }
}

async fn follow(
    stream: TcpStream,
    script: Arc<Mutex<VecDeque<&'static str>>>,
    taken: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test ESMTP\r\n").await.ok()?;
    let mut mail: Option<String> = None;
    while let Some(line) = lines.next_line().await.ok()? {
        if let Some(text) = &mut mail {
            if line != "." {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            taken.lock().unwrap().push(mail.take().unwrap_or_default());
            write.write_all(b"250 taken\r\n").await.ok()?;
            continue;
        }
        let command = line.to_ascii_uppercase();
        let scripted = if command.starts_with("RCPT") {
            script.lock().unwrap().pop_front()
        } else {
            None
        };
        let answer = match scripted {
            Some(answer) => format!("{answer}\r\n"),
            None if command.starts_with("DATA") => {
                mail = Some(String::new());
                "354 go on\r\n".to_owned()
            }
            None if command.starts_with("QUIT") => "221 bye\r\n".to_owned(),
            None => "250 fine\r\n".to_owned(),
        };
        write.write_all(answer.as_bytes()).await.ok()?;
        // RFC 5321, 3.8: after 421 the server closes the channel.
        if answer.starts_with("421") {
            return None;
        }
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
