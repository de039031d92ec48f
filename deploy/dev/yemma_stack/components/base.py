"""What every component of the stack has in common."""

import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

from .. import process
from ..errors import StackError
from ..instance import Instance


class Component:
    """A server: how to prepare, start, ask and stop it."""

    name = ""
    ports: tuple[str, ...] = ()
    shown = ""
    """The port that a person wants to know, when it is not the first one."""
    deadline = 60.0
    stop_signal = signal.SIGTERM
    stop_grace = 15.0

    def prepare(self, instance: Instance) -> None:
        """Make its folder and configuration; runs before each start."""

    def command(self, instance: Instance) -> list[str]:
        """The program with its arguments."""
        raise NotImplementedError

    def environment(self, instance: Instance) -> dict[str, str]:
        """What is added to a clean environment."""
        return {}

    def ready(self, instance: Instance) -> bool:
        """Whether it serves."""
        raise NotImplementedError

    def settle(self, instance: Instance) -> None:
        """What must be done once it serves, after each start."""

    def refresh(self, instance: Instance) -> None:
        """What `up` checks on a server that already runs."""

    def start(self, instance: Instance) -> int:
        """Start it and wait until it serves; its pid."""
        self.prepare(instance)
        home = instance.data(self.name)
        env = process.clean_env(home, **self.environment(instance))
        identity = process.spawn(self.command(instance), env, home, instance.log(self.name))
        instance.pid_file(self.name).write(identity)
        self.wait(instance, self.deadline)
        self.settle(instance)
        return identity.pid

    def wait(self, instance: Instance, seconds: float) -> None:
        """Wait for it to serve; fail at once when it dies, with the end of its log."""
        end, pid_file = time.monotonic() + seconds, instance.pid_file(self.name)
        while True:
            if pid_file.alive() is None:
                pid_file.clear()
                raise StackError(self._report(instance, "ended while it was starting"))
            if self.ready(instance):
                return
            if time.monotonic() > end:
                raise StackError(self._report(instance, f"does not answer after {seconds:.0f} s"))
            time.sleep(0.05)

    def _report(self, instance: Instance, what: str) -> str:
        log = instance.log(self.name)
        return f"{self.name} {what}; the end of {log}:\n{process.tail(log)}"


def answers(url: str, timeout: float = 1.0) -> bool:
    """Whether a GET answers 2xx."""
    try:
        with _opener.open(url, timeout=timeout) as answer:
            return 200 <= answer.status < 300
    except (OSError, urllib.error.URLError, ValueError):
        return False


# No proxy, whatever the caller exported: everything is on this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def program(path: Path | str | None, package: str) -> str:
    """The path of an installed program, or what to install."""
    if path is None or not Path(path).exists():
        raise StackError(f"{package} is not installed: run `make up` or `make demo` again")
    return str(path)
