//! The child's side: its limits and walls first, then the file from standard input, then what it
//! is, or its pages, on standard output.

use std::io::{self, BufWriter, Read as _, Write};
use std::process::ExitCode;

use clap::{Args, Parser};
use workflows::documents::rules::{DocumentKind, RejectionCode};

use super::protocol::{self, Judgement};
use super::{Claims, PageSink, confinement, formats, limits};

/// The largest file that is read; uploads are far smaller.
const LARGEST_FILE: u64 = 256 << 20;

/// `inspect-document`: judges the file on standard input, or draws it. For the worker's own use.
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
    /// Draw the pages of a file that was accepted, instead of judging it.
    #[arg(long)]
    pub draw: bool,
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
    let confinement = confinement::confine(arguments.draw)?;
    let mut out = BufWriter::new(io::stdout().lock());
    protocol::write_confined(&mut out, confinement)?;
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LARGEST_FILE)
        .read_to_end(&mut bytes)?;
    if let Ok(file_type) = formats::recognise(&bytes) {
        protocol::write_recognised(&mut out, file_type)?;
    }
    if arguments.draw {
        draw(&bytes, limits::begin_page, &mut out)
    } else {
        let claims = Claims {
            kind: arguments.kind,
            content_type: arguments.content_type.clone(),
            extension: arguments.extension.clone(),
        };
        say(&bytes, &claims, &mut out)
    }
}

/// Judges.
pub(super) fn say(bytes: &[u8], claims: &Claims, out: &mut dyn Write) -> io::Result<()> {
    let (judgement, rewritten) = match super::judge(bytes, claims) {
        Ok(judged) => (Judgement::Accepted(judged.pages), judged.rewritten),
        Err(rejection) => (Judgement::Rejected(rejection), None),
    };
    protocol::write_judgement(out, judgement)?;
    if let Some(file) = &rewritten {
        protocol::write_rewritten(out, file)?;
    }
    protocol::write_end(out)
}

/// Draws the pages of a file that was accepted, until one is beyond the budget. `begin` gives each
/// page its time.
pub(super) fn draw(
    bytes: &[u8],
    begin: fn() -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match super::picture(bytes, &mut Pages { begin, out }) {
        Ok(()) => protocol::write_end(out),
        Err(RejectionCode::PdfTooComplex) => {
            let rejection = Judgement::Rejected(RejectionCode::PdfTooComplex.into());
            protocol::write_judgement(out, rejection)?;
            protocol::write_end(out)
        }
        // The file was accepted: that it cannot be opened now is the drawer's failure.
        Err(code) => Err(io::Error::other(code.as_str())),
    }
}

struct Pages<'a> {
    begin: fn() -> io::Result<()>,
    out: &'a mut dyn Write,
}

impl PageSink for Pages<'_> {
    fn begin(&mut self) -> io::Result<()> {
        (self.begin)()
    }

    fn page(&mut self, number: u32, image: &[u8]) -> io::Result<()> {
        protocol::write_page(self.out, number, image)?;
        // A page that is drawn is kept, whatever becomes of the next.
        self.out.flush()
    }

    fn undrawn(&mut self, number: u32) -> io::Result<()> {
        protocol::write_undrawn(self.out, number)
    }
}
