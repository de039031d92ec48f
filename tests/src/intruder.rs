//! What an inspecting child would do if a hostile file took it over, and a process whose secret
//! another one is after.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use rustix::process::{
    DumpableBehavior, Pid, Resource, Rlimit, geteuid, set_dumpable_behavior, setrlimit,
    test_kill_process,
};
use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

/// The user that owns nothing.
const NOBODY: u32 = 65_534;

/// Tries everything, behind the walls of an inspecting child or without them, and says on
/// standard output, a line for each, whether it was `done` or `refused`.
#[must_use]
pub fn try_everything(walls: bool, parent: &str, port: &str, folder: &str) -> ExitCode {
    if walls && activities::documents::inspection::confine(false).is_err() {
        return ExitCode::FAILURE;
    }
    let (folder, address) = (Path::new(folder), format!("127.0.0.1:{port}"));
    let secret = format!("/proc/{parent}/environ");
    let memory = format!("/proc/{parent}/mem");
    let attempts: [(&str, &dyn Fn() -> io::Result<()>); 12] = [
        ("read the parent's environment", &|| {
            fs::read(&secret).map(drop)
        }),
        ("open the parent's memory", &|| {
            fs::File::open(&memory).map(drop)
        }),
        ("read a file", &|| fs::read("/etc/passwd").map(drop)),
        ("list the processes", &|| fs::read_dir("/proc").map(drop)),
        ("write a file", &|| fs::write(folder.join("written"), b"x")),
        ("delete a file", &|| {
            fs::remove_file(folder.join("precious"))
        }),
        ("connect", &|| TcpStream::connect(&address).map(drop)),
        ("send a datagram", &|| {
            let socket = UdpSocket::bind("127.0.0.1:0")?;
            socket.send_to(b"x", &address).map(drop)
        }),
        ("run a program", &|| {
            let mut program = Command::new("/bin/true");
            program.stdin(Stdio::null()).stdout(Stdio::null());
            program.status().map(drop)
        }),
        ("start a thread", &|| {
            let thread = std::thread::Builder::new().spawn(|| ())?;
            thread.join().map_err(|_| io::Error::other("it panicked"))
        }),
        ("signal the parent", &|| {
            let parent = parent.parse().map_err(io::Error::other)?;
            let parent = Pid::from_raw(parent).ok_or(io::ErrorKind::NotFound)?;
            Ok(test_kill_process(parent)?)
        }),
        ("raise its own limits", &|| {
            let more = Rlimit {
                current: Some(500),
                maximum: Some(500),
            };
            Ok(setrlimit(Resource::Cpu, more)?)
        }),
    ];
    let mut said = String::new();
    for (what, attempt) in attempts {
        let outcome = if attempt().is_ok() { "done" } else { "refused" };
        said += what;
        said += ": ";
        said += outcome;
        said += "\n";
    }
    exit(io::stdout().write_all(said.as_bytes()))
}

/// Becomes a user without rights, with what standard input says in its memory, and says whether
/// another process of that user can read its environment: `read` or `refused`.
#[must_use]
pub fn keep_a_secret(private: bool) -> ExitCode {
    exit(reveal(private).and_then(|said| io::stdout().write_all(said.as_bytes())))
}

fn reveal(private: bool) -> io::Result<&'static str> {
    if geteuid().is_root() {
        let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
        set_thread_groups(&[])?;
        set_thread_res_gid(group, group, group)?;
        set_thread_res_uid(user, user, user)?;
    }
    // Another user was root a moment ago: the kernel keeps such a process to itself until told.
    set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    if private {
        store::settings::keep_private()?;
    }
    let mut thief = Command::new("/bin/cat")
        .arg(format!("/proc/{}/environ", std::process::id()))
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut stolen = Vec::new();
    if let Some(mut told) = thief.stdout.take() {
        told.read_to_end(&mut stolen)?;
    }
    thief.wait()?;
    Ok(if stolen.is_empty() { "refused" } else { "read" })
}

fn exit(said: io::Result<()>) -> ExitCode {
    match said {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
