//! The parent's side: starts the child, feeds it the file and takes what it says, in bounds.

use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;
use uuid::Uuid;
use workflows::documents::rules::{ContentType, Rejection, RejectionCode};

use super::Claims;
use super::confinement::Confinement;
use super::listening::{self, Heard};
use super::places::{Place, Places};

/// The child's whole life on a busy machine: it may compute for 8 s when it judges, for a minute
/// when it draws.
const LIFE: Duration = Duration::from_secs(240);
/// How long a child's place is waited for: with [`LIFE`] and the reading of the object it must fit
/// into the activity's time.
const PATIENCE: Duration = Duration::from_secs(40);
/// Children at once that judge, and as many that draw: each may take gigabytes and a core. What
/// is slow to draw keeps nothing from being judged.
const CHILDREN: usize = 2;

/// Why there is no judgement.
#[derive(Debug, thiserror::Error)]
pub enum InspectorError<E: std::error::Error + 'static> {
    /// The children that may run at once are all busy.
    #[error("no inspection can be run now")]
    Busy,
    /// The child could not be started, or not be confined: that is the machine's doing, never the
    /// file's.
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

/// What an accepted file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Its pages, 1 for an image.
    pub pages: u32,
    /// The file written anew without what was attached to it, to be handed out in its place.
    pub rewritten: Option<Vec<u8>>,
}

/// What became of the pages of an accepted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// They are stored, but for these, which could not be drawn.
    Made {
        /// Numbers of pages, from 1, ascending.
        undrawn: Vec<u32>,
    },
    /// Drawing them takes more than the budget.
    Rejected(Rejection),
}

/// What a child is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Judge,
    Draw,
}

/// Runs inspections in child processes.
#[derive(Clone, Debug)]
pub struct Inspector {
    program: PathBuf,
    judging: Places,
    drawing: Places,
    is_told: Arc<AtomicBool>,
}

impl Inspector {
    /// Inspections run as `<program> inspect-document`.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            judging: Places::new(CHILDREN),
            drawing: Places::new(CHILDREN),
            is_told: Arc::default(),
        }
    }

    /// Inspections run in this very program.
    pub fn of_this_program() -> std::io::Result<Self> {
        Ok(Self::new(std::env::current_exe()?))
    }

    /// A place for one child that judges a file of that owner.
    pub async fn place<E: std::error::Error + 'static>(
        &self,
        owner: Uuid,
    ) -> Result<Place, InspectorError<E>> {
        place(&self.judging, owner).await
    }

    /// A place for one child that draws a file of that owner.
    pub async fn place_to_draw<E: std::error::Error + 'static>(
        &self,
        owner: Uuid,
    ) -> Result<Place, InspectorError<E>> {
        place(&self.drawing, owner).await
    }

    /// Judges a file.
    pub async fn inspect<E: std::error::Error + 'static>(
        &self,
        _place: Place,
        claims: &Claims,
        content: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Result<Judged, Rejection>, InspectorError<E>> {
        let mut running = self.start(Task::Judge, claims)?;
        let mut heard = Heard::default();
        let conversation = async {
            let judgement = listening::to_judgement(&mut running.stdout, &mut heard);
            let (fed, judgement) = tokio::join!(feed(running.stdin, content), judgement);
            fed.map(|()| judgement)
        };
        let judgement = within_life(conversation).await?;
        self.tell(heard.confinement);
        match judgement {
            Some(judgement) => Ok(judgement),
            None => Ok(Err(match silence(&mut running.child, &heard).await? {
                Silence::OutOfTime => RejectionCode::PdfTooComplex.into(),
                Silence::Broken => RejectionCode::Unreadable.into(),
            })),
        }
    }

    /// Draws the pages of a file that was accepted; `pages` stores the pictures as they come.
    pub async fn draw<S: PageStore>(
        &self,
        _place: Place,
        claims: &Claims,
        page_count: u32,
        content: impl Stream<Item = Result<Bytes, S::Error>> + Send,
        pages: &mut S,
    ) -> Result<Drawing, InspectorError<S::Error>> {
        let mut running = self.start(Task::Draw, claims)?;
        let mut heard = Heard::default();
        let conversation = async {
            let drawn = listening::to_pages(&mut running.stdout, &mut heard, page_count, pages);
            let (fed, drawn) = tokio::join!(feed(running.stdin, content), drawn);
            fed.and(drawn.map_err(InspectorError::Storage))
        };
        let drawn = within_life(conversation).await?;
        self.tell(heard.confinement);
        if drawn.is_whole {
            return Ok(drawn.into_drawing());
        }
        Ok(match silence(&mut running.child, &heard).await? {
            Silence::OutOfTime => Drawing::Rejected(RejectionCode::PdfTooComplex.into()),
            Silence::Broken => drawn.into_drawing(),
        })
    }

    fn start<E: std::error::Error + 'static>(
        &self,
        task: Task,
        claims: &Claims,
    ) -> Result<Running, InspectorError<E>> {
        let mut command = Command::new(&self.program);
        command
            .arg("inspect-document")
            .args(["--kind", claims.kind.as_str()])
            .args(["--content-type", &claims.content_type]);
        if let Some(extension) = &claims.extension {
            command.args(["--extension", extension]);
        }
        if task == Task::Draw {
            command.arg("--draw");
        }
        let mut child = command
            // The child gets no secret of its parent.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(InspectorError::NotStarted)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(stdin), Some(stdout)) => Ok(Running {
                child,
                stdin,
                stdout: BufReader::new(stdout),
            }),
            _ => Err(InspectorError::NotStarted(ErrorKind::BrokenPipe.into())),
        }
    }

    /// Says once for this process what the machine offers to keep the children apart.
    fn tell(&self, confinement: Option<Confinement>) {
        let Some(confinement) = confinement else {
            return;
        };
        if self.is_told.swap(true, Ordering::Relaxed) {
            return;
        }
        let Confinement {
            another_user,
            namespaces,
            landlock,
        } = confinement;
        if namespaces && landlock {
            tracing::info!(another_user, "inspections are kept apart from the machine");
        } else {
            tracing::warn!(
                another_user,
                namespaces,
                landlock,
                "inspections are kept apart by the filter of their system calls, not by all else"
            );
        }
    }
}

/// A child that was started.
struct Running {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

async fn place<E: std::error::Error + 'static>(
    places: &Places,
    owner: Uuid,
) -> Result<Place, InspectorError<E>> {
    let place = timeout(PATIENCE, places.take(owner)).await;
    place.ok().flatten().ok_or(InspectorError::Busy)
}

async fn within_life<T, E: std::error::Error + 'static>(
    conversation: impl Future<Output = Result<T, InspectorError<E>>>,
) -> Result<T, InspectorError<E>> {
    timeout(LIFE, conversation)
        .await
        .map_err(|_| InspectorError::TooLong)?
}

/// Writes the file to the child. A child that ends early has said why, or has crashed: either is
/// found out by listening.
async fn feed<E: std::error::Error + 'static>(
    mut stdin: ChildStdin,
    content: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<(), InspectorError<E>> {
    let mut content = std::pin::pin!(content);
    while let Some(piece) = content.next().await {
        let piece = piece.map_err(InspectorError::Storage)?;
        if stdin.write_all(&piece).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Why a child fell silent before it had said everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silence {
    /// It used up its processor time on a PDF.
    OutOfTime,
    /// It met a file that broke it: at a limit, by a signal of its own making or in a panic.
    Broken,
}

/// Finds out why a child fell silent. One that was killed from outside says nothing of the file,
/// and neither does one that never began.
async fn silence<E: std::error::Error + 'static>(
    child: &mut Child,
    heard: &Heard,
) -> Result<Silence, InspectorError<E>> {
    let status = timeout(LIFE, child.wait())
        .await
        .map_err(|_| InspectorError::TooLong)?
        .map_err(InspectorError::Interrupted)?;
    if was_killed(status) {
        let killed = std::io::Error::other("the child was killed");
        return Err(InspectorError::Interrupted(killed));
    }
    if heard.confinement.is_none() {
        let refused = std::io::Error::other("the child could not be confined");
        return Err(InspectorError::NotStarted(refused));
    }
    let is_pdf = heard.file_type == Some(ContentType::Pdf);
    if is_pdf && status.signal() == Some(libc::SIGXCPU) {
        Ok(Silence::OutOfTime)
    } else {
        Ok(Silence::Broken)
    }
}

/// Whether a process was ended by someone else: by KILL or TERM. Processor time beyond its limit
/// ends it by XCPU, no memory by ABRT.
fn was_killed(status: ExitStatus) -> bool {
    matches!(status.signal(), Some(libc::SIGKILL | libc::SIGTERM))
}
