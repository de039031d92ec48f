//! The parent's side: starts the child, feeds it the file and takes what it says, in bounds.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;
use uuid::Uuid;
use workflows::documents::rules::{MAX_PAGES, Rejection, RejectionCode};

use super::Claims;
use super::places::{Place, Places};
use super::protocol::{self, Judgement, PartRead};

/// The child's whole life, drawing 200 pages on a busy machine included.
const LIFE: Duration = Duration::from_secs(240);
/// How long a child's place is waited for: with [`LIFE`] and the reading of the object it must fit
/// into the activity's time.
const PATIENCE: Duration = Duration::from_secs(40);
/// Children at once: each may take gigabytes and a core.
const CHILDREN: usize = 2;

/// Why there is no judgement.
#[derive(Debug, thiserror::Error)]
pub enum InspectorError<E: std::error::Error + 'static> {
    /// The children that may run at once are all busy.
    #[error("no inspection can be run now")]
    Busy,
    /// The child could not be started: that is the machine's doing, never the file's.
    #[error("the inspection could not be started: {0}")]
    NotStarted(#[source] std::io::Error),
    /// The child was ended from outside.
    #[error("the inspection could not be run: {0}")]
    Interrupted(#[source] std::io::Error),
    /// The child took too long; the machine may be busy, or the file may mean harm.
    #[error("the inspection took too long")]
    TooLong,
    /// The file could not be read, or a page not be stored.
    #[error(transparent)]
    Storage(E),
}

/// Where the pictures of an accepted file's pages go.
pub trait PageStore: Send {
    /// Why a page could not be stored, or the file not be read.
    type Error: std::error::Error + Send + 'static;

    /// Stores the picture of a page, pages counted from 1.
    fn put(
        &mut self,
        number: u32,
        image: Vec<u8>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Runs inspections in child processes.
#[derive(Clone, Debug)]
pub struct Inspector {
    program: PathBuf,
    places: Places,
}

impl Inspector {
    /// Inspections run as `<program> inspect-document`.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            places: Places::new(CHILDREN),
        }
    }

    /// Inspections run in this very program.
    pub fn of_this_program() -> std::io::Result<Self> {
        Ok(Self::new(std::env::current_exe()?))
    }

    /// A place for one child that looks into a file of that owner.
    pub async fn place<E: std::error::Error + 'static>(
        &self,
        owner: Uuid,
    ) -> Result<Place, InspectorError<E>> {
        let place = timeout(PATIENCE, self.places.take(owner)).await;
        place.ok().flatten().ok_or(InspectorError::Busy)
    }

    /// Judges a file. `pages` stores the pictures of an accepted file's pages as they come; the
    /// file is accepted only when all of them came.
    pub async fn inspect<S: PageStore>(
        &self,
        _place: Place,
        claims: &Claims,
        content: impl Stream<Item = Result<Bytes, S::Error>> + Send,
        pages: &mut S,
    ) -> Result<Result<u32, Rejection>, InspectorError<S::Error>> {
        let mut child = self.start(claims).map_err(InspectorError::NotStarted)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let conversation = async {
            let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
                return Ok(Heard::Nothing);
            };
            let (fed, heard) = tokio::join!(feed(stdin, content), listen(stdout, pages));
            fed?;
            heard
        };
        let heard = timeout(LIFE, conversation)
            .await
            .map_err(|_| InspectorError::TooLong)??;
        conclude(heard, &mut child).await
    }

    fn start(&self, claims: &Claims) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .arg("inspect-document")
            .args(["--kind", claims.kind.as_str()])
            .args(["--content-type", &claims.content_type]);
        if let Some(extension) = &claims.extension {
            command.args(["--extension", extension]);
        }
        command
            // The child gets no secret of its parent.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

/// What the child said before it fell silent.
enum Heard {
    Whole(Result<u32, Rejection>),
    Nothing,
}

/// Writes the file to the child. A child that ends early has said why, or has crashed: either is
/// found out by listening.
async fn feed<E>(
    mut stdin: ChildStdin,
    content: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<(), InspectorError<E>>
where
    E: std::error::Error + 'static,
{
    let mut content = std::pin::pin!(content);
    while let Some(piece) = content.next().await {
        let piece = piece.map_err(InspectorError::Storage)?;
        if stdin.write_all(&piece).await.is_err() {
            break;
        }
    }
    Ok(())
}

async fn listen<S: PageStore>(
    stdout: ChildStdout,
    store: &mut S,
) -> Result<Heard, InspectorError<S::Error>> {
    let mut stdout = BufReader::new(stdout);
    let Ok(PartRead::Judgement(judgement)) = protocol::read(&mut stdout).await else {
        return Ok(Heard::Nothing);
    };
    let pages = match judgement {
        Judgement::Rejected(rejection) => return Ok(Heard::Whole(Err(rejection))),
        Judgement::Accepted(pages) => pages,
    };
    if pages == 0 || usize::try_from(pages).is_ok_and(|pages| pages > MAX_PAGES) {
        return Ok(Heard::Nothing);
    }
    for expected in 1..=pages {
        match protocol::read(&mut stdout).await {
            Ok(PartRead::Page(number, image)) if number == expected => {
                store
                    .put(number, image)
                    .await
                    .map_err(InspectorError::Storage)?;
            }
            _ => return Ok(Heard::Nothing),
        }
    }
    match protocol::read(&mut stdout).await {
        Ok(PartRead::End) => Ok(Heard::Whole(Ok(pages))),
        _ => Ok(Heard::Nothing),
    }
}

/// A child that fell silent by itself met a file that broke it: at a limit, by a signal of its
/// own making or in a panic. One that was killed from outside says nothing of the file.
async fn conclude<E>(
    heard: Heard,
    child: &mut Child,
) -> Result<Result<u32, Rejection>, InspectorError<E>>
where
    E: std::error::Error + 'static,
{
    if let Heard::Whole(judgement) = heard {
        return Ok(judgement);
    }
    let status = timeout(LIFE, child.wait())
        .await
        .map_err(|_| InspectorError::TooLong)?
        .map_err(InspectorError::Interrupted)?;
    if was_killed(status) {
        let killed = std::io::Error::other("the child was killed");
        return Err(InspectorError::Interrupted(killed));
    }
    Ok(Err(RejectionCode::Unreadable.into()))
}

/// Whether a process was ended by someone else: by KILL or TERM. Processor time beyond its limit
/// ends it by XCPU, no memory by ABRT.
fn was_killed(status: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    const KILL: i32 = 9;
    const TERM: i32 = 15;
    matches!(status.signal(), Some(KILL | TERM))
}
