//! How much memory, time and processes the child may take.

use std::io;

use rlimit::Resource;
use rustix::time::{ClockId, clock_gettime};

/// Processor seconds that judging a file, or drawing any one page of it, may take.
const SECONDS: u64 = 8;
/// Processor seconds that drawing all pages of a file may take: 200 pages of a scan need half of
/// it.
const DRAWING_SECONDS: u64 = 60;
/// Between the limit that ends the child by XCPU, which tells it from one that was killed, and
/// the limit that kills it.
const GRACE_SECONDS: u64 = 4;
/// Address space: decoding 64 megapixels twice over, with room for the program itself.
const MOST_MEMORY: u64 = 2 << 30;
/// Standard input, output and error are open; nothing else may be opened.
const MOST_FILES: u64 = 3;

/// Limits this process for good. Memory and processor time come first: they hold while the rest
/// of the confinement is made.
pub(super) fn take_time_and_memory(draws: bool) -> io::Result<()> {
    let most = if draws { DRAWING_SECONDS } else { SECONDS };
    Resource::AS.set(MOST_MEMORY, MOST_MEMORY)?;
    Resource::CORE.set(0, 0)?;
    Resource::CPU.set(SECONDS, most + GRACE_SECONDS)
}

/// No file may be written or opened any more, and no process or thread be started.
pub(super) fn take_files_and_processes() -> io::Result<()> {
    Resource::FSIZE.set(0, 0)?;
    Resource::NOFILE.set(MOST_FILES, MOST_FILES)?;
    Resource::NPROC.set(0, 0)
}

/// Gives the next page its seconds, within those of all pages.
pub(super) fn begin_page() -> io::Result<()> {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let used = u64::try_from(used.tv_sec).unwrap_or_default() + 1;
    let soft = (used + SECONDS).min(DRAWING_SECONDS);
    Resource::CPU.set(soft, DRAWING_SECONDS + GRACE_SECONDS)
}
