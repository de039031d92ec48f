//! The child's side: limits first, then the file from standard input, then what it is on
//! standard output.

use std::io::{self, BufWriter, Read as _, Write};
use std::process::ExitCode;

use clap::{Args, Parser};
use rlimit::Resource;
use workflows::documents::rules::DocumentKind;

use super::protocol::{self, Judgement};
use super::{Claims, PageSink};

/// Address space: decoding 50 megapixels twice over, with room for the program itself.
const MOST_MEMORY: u64 = 2 << 30;
/// Processor time.
const MOST_SECONDS: u64 = 120;
/// The largest file that is read; uploads are far smaller.
const LARGEST_FILE: u64 = 256 << 20;

/// `inspect-document`: judges the file on standard input. For the worker's own use.
#[derive(Args, Clone, Debug)]
pub struct InspectDocument {
    /// The kind of document.
    #[arg(long, value_parser = parse_kind)]
    pub kind: DocumentKind,
    /// The declared type.
    #[arg(long)]
    pub content_type: String,
    /// The name's extension.
    #[arg(long)]
    pub extension: Option<String>,
}

fn parse_kind(code: &str) -> Result<DocumentKind, String> {
    DocumentKind::from_code(code).ok_or_else(|| format!("no such kind: {code}"))
}

/// The child's command line, as a program that is only this.
#[derive(Parser)]
#[command(name = "inspect-document")]
struct Alone {
    #[command(flatten)]
    arguments: InspectDocument,
}

/// Runs the child to its end if this process was started as one: `<program> inspect-document …`.
/// The first thing that a program does which an [`Inspector`](super::Inspector) may start.
#[must_use]
pub fn run_if_child() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments
        .peek()
        .is_none_or(|first| first != "inspect-document")
    {
        return None;
    }
    Some(match Alone::try_parse_from(arguments) {
        Ok(alone) => run_child(&alone.arguments),
        Err(_) => ExitCode::FAILURE,
    })
}

/// Runs the child to its end. Must be called before any thread is started.
#[must_use]
pub fn run_child(arguments: &InspectDocument) -> ExitCode {
    match inspect(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn inspect(arguments: &InspectDocument) -> io::Result<()> {
    limit()?;
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LARGEST_FILE)
        .read_to_end(&mut bytes)?;
    let claims = Claims {
        kind: arguments.kind,
        content_type: arguments.content_type.clone(),
        extension: arguments.extension.clone(),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    say(&bytes, &claims, &mut out)
}

/// Judges, and draws what was accepted. A file that cannot be drawn has no end written, which
/// the parent takes for broken.
pub(super) fn say(bytes: &[u8], claims: &Claims, out: &mut dyn Write) -> io::Result<()> {
    match super::judge(bytes, claims) {
        Ok(accepted) => {
            protocol::write_judgement(out, Judgement::Accepted(accepted.pages))?;
            if let Some(file) = &accepted.rewritten {
                protocol::write_rewritten(out, file)?;
            }
            super::picture(bytes, &mut Pages(out))
                .map_err(|code| io::Error::other(code.as_str()))?;
        }
        Err(rejection) => {
            protocol::write_judgement(out, Judgement::Rejected(rejection))?;
        }
    }
    protocol::write_end(out)
}

fn limit() -> io::Result<()> {
    Resource::AS.set(MOST_MEMORY, MOST_MEMORY)?;
    // At the first the child is ended by XCPU, which tells it from one that was killed.
    Resource::CPU.set(MOST_SECONDS, MOST_SECONDS + 10)?;
    Resource::CORE.set(0, 0)?;
    Resource::FSIZE.set(0, 0)
}

struct Pages<'a>(&'a mut dyn Write);

impl PageSink for Pages<'_> {
    fn page(&mut self, number: u32, image: &[u8]) -> io::Result<()> {
        protocol::write_page(self.0, number, image)
    }
}
