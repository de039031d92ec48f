"""Where things are: the checkout, the shared tools, the programs inside them."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The checkout."""

DEV = ROOT / "deploy" / "dev"
"""This folder: requirements, lock files, scripts."""

EXTRA_PATH = ("/usr/sbin", "/sbin", "/usr/local/sbin", "/opt/homebrew/bin")
"""Where servers live that are not on an ordinary user's PATH."""


_tools: list[Path] = []


def use_tools(folder: str | None) -> None:
    """Take the programs from the folder that an instance remembers, or that the caller names."""
    chosen = folder or os.environ.get("YEMMA_STACK_TOOLS")
    _tools[:] = [Path(chosen).resolve()] if chosen else []


def tools() -> Path:
    """The folder of the programs from PyPI and npm, shared by all instances of a checkout."""
    return _tools[0] if _tools else (ROOT / ".stack" / "tools").resolve()


def tool(name: str) -> Path:
    """A program that came from PyPI."""
    return tools() / "venv" / "bin" / name


def node_script(*parts: str) -> Path:
    """A script of a package that came from npm."""
    return tools().joinpath("node", "node_modules", *parts)


def which(name: str) -> str | None:
    """A program of the system, looked for where servers are installed too."""
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), *EXTRA_PATH])
    return shutil.which(name, path=search)


def postgres_bin() -> Path | None:
    """The folder with PostgreSQL's own programs: the lowest version from 15 on, so that developers agree."""
    found = [
        folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdigit()
        and int(folder.parent.name) >= 15
        and (folder / "initdb").exists()
        and (folder / "postgres").exists()
    ]
    if found:
        return min(found, key=lambda folder: int(folder.parent.name))
    initdb = which("initdb")
    return Path(initdb).resolve().parent if initdb else None
