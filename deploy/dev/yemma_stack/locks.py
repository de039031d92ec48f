"""One process at a time works on a folder; whoever has to wait is told for whom."""

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path

from .errors import StackError


def foreign(folder: Path) -> str:
    """What to say of a folder that another user made, as `sudo make …` does."""
    return f"{folder} holds files of another user (of root, after `sudo make …`): remove it, or run as that user"


@contextmanager
def alone_in(folder: Path):
    """Hold the folder's lock."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("a+")
    except PermissionError:
        raise StackError(foreign(folder)) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"  waiting for {_holder(lock)}, at work in {folder} …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _holder(lock) -> str:
    """Who wrote their pid into a lock, as far as we may see it."""
    lock.seek(0)
    pid = lock.read().strip()
    try:
        command = Path(f"/proc/{int(pid)}/cmdline").read_text(errors="replace").replace("\0", " ")
    except (OSError, ValueError):
        return "another process"
    return f"pid {pid} ({command.strip()[:80]})"
