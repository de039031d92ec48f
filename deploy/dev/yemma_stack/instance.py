"""An instance of the stack: its folder, and what it must remember between two `up`."""

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from . import keys, locks, paths, ports, users
from .errors import StackError
from .process import PidFile

KEPT_BY_RESET = {"tools", "test", "crash", "bench", "settings.env"}
"""What lies in the demo's folder but is not the demo's, and what a person wrote."""


class Instance:
    """One state directory; `instance.json` in it holds ports, profile and secrets."""

    def __init__(self, state: Path, kind: str):
        self.state = state
        self.kind = kind
        self.file = state / "instance.json"
        self.known: dict = {}
        self.load()

    def load(self) -> None:
        """Read what was chosen when the instance was made, if it was."""
        try:
            self.known = json.loads(self.file.read_text()) if self.file.exists() else {}
        except PermissionError:
            raise StackError(locks.foreign(self.state)) from None
        paths.use_tools(self.known.get("tools"))

    # -- opening ---------------------------------------------------------------------------

    def open(self, *, base: int | None, durable: bool | None, search_ports: bool) -> "Instance":
        """Create the folder, or keep what was chosen when it was made."""
        self._make_folder()
        self._choose_ports(base, search_ports)
        if paths.tools() != (paths.ROOT / ".stack" / "tools").resolve():
            self.known["tools"] = str(paths.tools())
        if durable is not None or "durable" not in self.known:
            self.known["durable"] = self.kind != "test" if durable is None else durable
        keys.fill(self)
        self.save()
        return self

    def read(self) -> "Instance":
        """Open an instance that must exist already."""
        if not self.known:
            raise StackError(f"there is no instance in {self.state} yet: start one with `up`")
        return self

    def _make_folder(self) -> None:
        relocate(self.state)
        if not os.access(self.state, os.W_OK):
            raise StackError(locks.foreign(self.state))
        for name in ("pid", "log", "run", "keys"):
            (self.state / name).mkdir(exist_ok=True)
        if not users.can_reach(self.state.resolve()):
            raise StackError(
                f"user {users.run_as().pw_name!r}, as whom the servers run, cannot enter {self.state}: "
                "choose a state directory that everybody can traverse (--state), or a user (YEMMA_RUN_AS)"
            )

    def _choose_ports(self, base: int | None, search: bool) -> None:
        base, single = base or ports.chosen_base(self.kind), ports.named(self.kind)
        asked = base is not None or bool(single)
        first = base or self.known.get("base") or ports.DEFAULT_BASE[self.kind]
        if "ports" in self.known and not asked:
            return
        if "ports" in self.known and self.running():
            if ports.layout(first, single) != self.known["ports"]:
                print(f"  (ports stay as they are while {self.state} runs: `stop` it to change them)", flush=True)
            return
        if search and not asked:
            first = ports.free_base(first)
        self.known |= {"base": first, "ports": ports.layout(first, single)}

    def save(self) -> None:
        """Write `instance.json`, readable by its owner alone."""
        write_private(self.file, json.dumps(self.known, indent=1) + "\n")

    # -- reading ---------------------------------------------------------------------------

    def port(self, name: str) -> int:
        """The number of a port."""
        return self.known["ports"][name]

    def address(self, name: str) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self.port(name)}"

    def secret(self, name: str) -> str:
        """A password or key made once."""
        try:
            return self.known["secrets"][name]
        except KeyError:
            raise StackError(f"{self.state} is older than its secret {name!r}: `up` makes it") from None

    @property
    def durable(self) -> bool:
        """Whether the data must survive a loss of power."""
        return self.known["durable"]

    def pid_file(self, name: str) -> PidFile:
        """The record of a component's process."""
        return PidFile(self.state, name)

    def log(self, name: str) -> Path:
        """The log of a component."""
        return self.state / "log" / f"{name}.log"

    def data(self, name: str) -> Path:
        """The private folder of a component."""
        return users.private_dir(self.state.resolve() / name)

    def sockets(self, name: str) -> Path:
        """A folder for unix sockets, whose whole path may have 107 bytes only."""
        folder = self.state.resolve() / name
        if len(str(folder)) > 80:
            mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
            folder = Path("/tmp") / f"yemma-{os.geteuid()}-{mark}"
        return users.private_dir(folder)

    def running(self) -> list[str]:
        """The components that are alive."""
        folder = self.state / "pid"
        names = sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []
        return [name for name in names if self.pid_file(name).alive()]

    # -- the whole folder --------------------------------------------------------------------

    @contextmanager
    def locked(self):
        """Let one `up`, `stop` or `reset` work on the folder at a time."""
        relocate(self.state)
        with locks.alone_in(self.state):
            self.load()  # another one may have made it while we waited
            yield

    def wipe(self) -> None:
        """Remove everything that belongs to this instance."""
        entries = [entry for entry in self.state.iterdir() if entry.name not in KEPT_BY_RESET | {".lock"}]
        if entries and not self.known and not (self.state / "pid").exists():
            raise StackError(f"{self.state} does not look like an instance of the stack: not touched")
        self.known = {}
        for entry in entries:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, with mode 600."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    fresh.replace(path)


def relocate(state: Path) -> None:
    """Root, in a checkout that the servers' user cannot enter: `.stack` becomes a link to /var/lib."""
    home = paths.ROOT / ".stack"
    if users.run_as() is None or home.is_symlink() or not state.is_relative_to(home):
        return
    if users.can_reach(paths.ROOT) or (home.exists() and any(home.iterdir())):
        return
    mark = hashlib.sha256(str(paths.ROOT).encode()).hexdigest()[:12]
    target = Path("/var/lib/yemma-stack") / mark
    target.mkdir(parents=True, exist_ok=True)
    if home.exists():
        home.rmdir()
    home.symlink_to(target)
    print(f"  {home} is a link to {target}: user {users.run_as().pw_name!r} cannot enter this checkout", flush=True)
