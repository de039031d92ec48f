"""The committed OpenAPI document must be the one that the code describes."""

import difflib
from pathlib import Path

from yemma_stack import paths, process
from yemma_stack.errors import StackError

DOCUMENT = paths.ROOT / "api" / "openapi.json"


def described(folder: Path) -> str:
    """The document as the program prints it."""
    return process.run([str(folder / "yemma-api"), "openapi"], process.clean_env(Path("/")), dropped=False)


def check(folder: Path) -> None:
    """Compare it with the committed one."""
    committed = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    fresh = described(folder)
    if fresh.strip() != committed.strip():
        lines = difflib.unified_diff(committed.splitlines(), fresh.splitlines(), "committed", "described by the code", n=1)
        shown = "\n".join(list(lines)[:40])
        raise StackError(f"{DOCUMENT.relative_to(paths.ROOT)} is out of date: run `make prepare` and commit it\n{shown}")


def write(folder: Path) -> None:
    """Write it."""
    DOCUMENT.write_text(described(folder).strip() + "\n")
    print(f"wrote {DOCUMENT.relative_to(paths.ROOT)}")
