"""Who runs the servers: the caller, or an unprivileged user when the caller is root."""

import os
import pwd
import subprocess
from functools import cache
from pathlib import Path

from .errors import StackError


@cache
def run_as() -> pwd.struct_passwd | None:
    """The user to change to, or None when the caller is not root and stays who they are."""
    if os.geteuid() != 0:
        return None
    name = os.environ.get("YEMMA_RUN_AS", "nobody")
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise StackError(f"no user {name!r} to run the servers as: name one with YEMMA_RUN_AS") from None


def drop() -> dict:
    """The arguments that make `subprocess` change to that user."""
    user = run_as()
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def give(path: Path) -> None:
    """Make that user the owner of one path."""
    user = run_as()
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)


def private_dir(path: Path) -> Path:
    """A folder that only the servers' user can enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    give(path)
    return path


@cache
def can_reach(path: Path) -> bool:
    """Whether the servers' user can run this program, or enter this folder."""
    test = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
    return subprocess.run(test, cwd="/", check=False, **drop()).returncode == 0
