"""What a person must have installed: looked for before anything else, and told in one message."""

import platform
import re
import subprocess
import tomllib

from . import paths

NODE = 20
"""The oldest major version of Node.js that MailDev is run with here."""

RUST = {"rustfmt": ["cargo", "fmt", "--version"], "clippy": ["cargo", "clippy", "--version"]}
"""Parts of the Rust toolchain that a verb may need besides cargo, and how to ask for them."""


def lacking(rust: tuple[str, ...], *, installs: bool) -> list[str]:
    """What lacks for a verb that needs these parts of the Rust toolchain, and perhaps installs our tools."""
    found = (_platform() + _node()) if installs else []
    if "cargo" in rust:
        found += _cargo() or [problem for part in rust if part in RUST for problem in _part(part)]
    return found


def _platform() -> list[str]:
    here = (platform.system(), platform.machine())
    if here == ("Linux", "x86_64"):
        return []
    return [f"Linux on x86_64, for which the hashes in requirements.txt are (this is {' on '.join(here)})"]


def _node() -> list[str]:
    wanted = f"Node.js {NODE} or later, with npm"
    absent = [name for name in ("node", "npm") if paths.which(name) is None]
    if absent:
        return [f"{wanted} ({' and '.join(absent)} not found)"]
    said = _ask([str(paths.which("node")), "--version"])
    version = re.match(r"v(\d+)\.", said)
    return [] if version and int(version[1]) >= NODE else [f"{wanted} (`node --version` says: {said})"]


def _cargo() -> list[str]:
    wanted = tomllib.loads((paths.ROOT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    said = _ask(["cargo", "--version"])
    version = re.match(r"cargo (\d+)\.(\d+)", said)
    if version and tuple(map(int, version.groups())) >= tuple(map(int, wanted.split(".")[:2])):
        return []
    return [f"a Rust toolchain, {wanted} or later, as from https://rustup.rs (`cargo --version` says: {said})"]


def _part(part: str) -> list[str]:
    said = _ask(RUST[part])
    return [] if said.startswith(part) else [f"{part}, as from `rustup component add {part}` ({said})"]


def _ask(argv: list[str]) -> str:
    """The first line that a program says: of its output, or of its complaint when it fails."""
    try:
        done = subprocess.run(
            argv, cwd=paths.ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
        )
    except FileNotFoundError:
        return "not found"
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stdout if done.returncode == 0 else done.stderr or done.stdout
    return next(iter(said.strip().splitlines()), f"nothing, code {done.returncode}")
