"""Calling cargo, always with the same selection of features: the whole workspace."""

import json
import os
import subprocess
from pathlib import Path

from . import environment, paths
from .errors import StackError
from .instance import Instance


def environ(instance: Instance | None = None, **more: str) -> dict[str, str]:
    """The caller's environment, with our tools at the end of its PATH and the instance's addresses."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), str(paths.tool(""))])
    return os.environ | (environment.values(instance) if instance else {}) | {"PATH": path} | more


def call(arguments: list[str], env: dict[str, str]) -> int:
    """Run cargo in the checkout, its output shown as it comes; its exit code."""
    print(f"$ cargo {' '.join(arguments)}", flush=True)
    try:
        return subprocess.run(["cargo", *arguments], cwd=paths.ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode
    except FileNotFoundError:
        raise StackError("cargo is missing: install a Rust toolchain") from None


def must(arguments: list[str], env: dict[str, str]) -> None:
    """Run cargo; an error when it fails."""
    code = call(arguments, env)
    if code != 0:
        raise StackError(f"cargo {' '.join(arguments)}: failed with code {code}")


def output(arguments: list[str], env: dict[str, str]) -> str:
    """What cargo prints on its standard output; its messages are shown."""
    done = subprocess.run(
        ["cargo", *arguments], cwd=paths.ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise StackError(f"cargo {' '.join(arguments)}: failed with code {done.returncode}")
    return done.stdout


def metadata() -> dict:
    """The workspace as cargo sees it, without dependencies of dependencies."""
    return json.loads(output(["metadata", "--no-deps", "--format-version", "1"], environ()))


def build(release: bool = False) -> Path:
    """Build the programs of the workspace; the folder that they are in."""
    must(["build", "--workspace", "--bins", *(["--release"] if release else [])], environ())
    return Path(metadata()["target_directory"]) / ("release" if release else "debug")
