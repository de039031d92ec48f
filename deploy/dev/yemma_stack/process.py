"""Starting, watching and ending processes by their own pid."""

import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import users
from .errors import StackError

LOG_LIMIT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Identity:
    """A process told apart from a later one that was given the same number."""

    pid: int
    born: str

    @staticmethod
    def of(pid: int) -> "Identity | None":
        """Who has this pid now; None when nobody does, or only a zombie."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return None
        return None if fields[0] in "ZX" else Identity(pid, f"{boot}/{fields[19]}")


class PidFile:
    """`pid/<name>` holds the bare number; `run/<name>.born` says which process that was."""

    def __init__(self, state: Path, name: str):
        self.path = state / "pid" / name
        self.born = state / "run" / f"{name}.born"

    def write(self, identity: Identity) -> None:
        """Remember a process that was just started."""
        self.born.write_text(identity.born)
        self.path.write_text(f"{identity.pid}\n")

    def alive(self) -> int | None:
        """The recorded pid when that very process still runs."""
        try:
            pid, born = int(self.path.read_text()), self.born.read_text()
        except (OSError, ValueError):
            return None
        return pid if Identity.of(pid) == Identity(pid, born) else None

    def clear(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)
        self.born.unlink(missing_ok=True)


def clean_env(home: Path, **more: str) -> dict[str, str]:
    """An environment that nothing exported by the caller can change."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", **more}


def spawn(argv: list[str], env: dict[str, str], cwd: Path, log: Path) -> Identity:
    """Start a server in a session of its own; its output goes to the end of its log."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    # A program that the servers' user cannot reach (a checkout under /root) runs as the caller.
    dropped = users.drop() if users.can_reach(Path(argv[0])) else {}
    with log.open("ab") as out:
        out.write(f"--- started {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}\n".encode())
        out.flush()
        try:
            child = subprocess.Popen(
                argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, **dropped,
            )
        except OSError as error:
            raise StackError(f"{argv[0]} cannot be started: {error}") from error
    _children.append(child)  # kept, or Python would complain of a child that outlives it
    identity = Identity.of(child.pid)
    if identity is None:
        raise StackError(f"{argv[0]} ended at once, with code {child.wait()}")
    return identity


_children: list[subprocess.Popen] = []


def run(argv: list[str], env: dict[str, str], *, stdin: str = "", dropped: bool = True, timeout: float = 60) -> str:
    """Run a short command to its end; its output, or a StackError with it."""
    user = users.drop() if dropped else {}
    try:
        done = subprocess.run(
            argv, env=env, cwd="/", input=stdin, text=True, capture_output=True, check=False, timeout=timeout, **user
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"{' '.join(map(str, argv[:2]))}: {error}") from error
    if done.returncode != 0:
        raise StackError(f"{Path(argv[0]).name} failed ({done.returncode}): {(done.stderr or done.stdout).strip()}")
    return done.stdout


@contextmanager
def told_if_long(what: str, seconds: float = 3):
    """Say what is waited for, when it takes more than a moment."""
    timer = threading.Timer(seconds, print, [f"  {what} …"], {"flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def end(pid_file: PidFile, first: signal.Signals, grace: float) -> str:
    """Ask a process to stop, then insist; says what it took."""
    pid = pid_file.alive()
    if pid is None:
        pid_file.clear()
        return "was not running"
    started = time.monotonic()
    os.kill(pid, first)
    while pid_file.alive() and time.monotonic() - started < grace:
        time.sleep(0.05)
    killed = bool(pid_file.alive())
    if killed:
        os.kill(pid, signal.SIGKILL)
        while pid_file.alive():
            time.sleep(0.02)
    pid_file.clear()
    took = time.monotonic() - started
    return f"killed after {took:.1f} s without an answer" if killed else f"stopped in {took:.1f} s"


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented for a message."""
    try:
        text = log.read_bytes()[-16384:].decode(errors="replace")
    except OSError:
        return "    (no log)"
    return "\n".join("    " + line for line in text.splitlines()[-lines:])


def inside(folder: Path) -> list[int]:
    """The processes whose working directory is this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.readlink(entry / "cwd") == str(folder) and Identity.of(int(entry.name)):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
