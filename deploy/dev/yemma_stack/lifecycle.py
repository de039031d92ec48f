"""Bringing the components of an instance to life, and to rest."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

from . import components, environment, install, ports
from .components import Component, app
from .errors import StackError
from .instance import Instance, relocate
from .process import end


def open_instance(instance: Instance, *rust: str, base: int | None = None, durable: bool | None = None) -> None:
    """Install what lacks, make the folder, write the `env` file; the caller holds the lock. `rust` names what
    the caller will need of the Rust toolchain."""
    install.ensure(*rust)
    # The demo's ports are promised to people; those of the others may be any that are free.
    instance.open(base=base, durable=durable, search_ports=instance.kind != "demo")
    environment.write(instance)


def bring(instance: Instance, wanted: tuple[Component, ...]) -> None:
    """Start those that do not run, all at once; then every failure is told."""
    dead = [one for one in wanted if instance.pid_file(one.name).alive() is None]
    ports.require_free(instance.kind, instance.known["ports"], tuple(port for one in dead for port in one.ports))
    with ThreadPoolExecutor(len(wanted)) as pool:
        failures = [error for error in pool.map(lambda one: _bring(instance, one), wanted) if error]
    if failures:
        raise StackError("\n\n".join(failures))


def bring_programs(instance: Instance) -> None:
    """The API and the worker, after the migrations when one of them must start."""
    if not app.built(instance):
        print("  api, worker   not built yet: `make demo` builds and starts them")
        return
    if not all(instance.pid_file(one.name).alive() for one in components.PROGRAMS):
        app.migrate(instance)
    bring(instance, components.PROGRAMS)


def _bring(instance: Instance, component: Component) -> str | None:
    began, pid = monotonic(), instance.pid_file(component.name).alive()
    try:
        if pid:
            component.wait(instance, 10)
            component.refresh(instance)
            done = "already up"
        else:
            pid = component.start(instance)
            done = f"started in {monotonic() - began:.1f} s"
    except StackError as error:
        print(f"  {component.name:<13} FAILED", flush=True)
        return str(error)
    address = instance.address(component.shown or component.ports[0])
    print(f"  {component.name:<13} {address:<17} pid {pid:<8} {done}", flush=True)
    return None


def halt(instance: Instance, names: set[str] = frozenset()) -> None:
    """Stop some components, or all: Yemma's own first, then the servers, by their pids."""
    everything = components.PROGRAMS + components.SERVERS
    if unknown := names - {one.name for one in everything}:
        raise StackError(f"no such component: {', '.join(sorted(unknown))}")

    def one(component: Component) -> None:
        if instance.pid_file(component.name).alive() is not None:
            outcome = end(instance.pid_file(component.name), component.stop_signal, component.stop_grace)
            print(f"  {component.name:<13} {outcome}", flush=True)
        instance.pid_file(component.name).clear()

    for group in (components.PROGRAMS, components.SERVERS):
        wanted = [component for component in group if not names or component.name in names]
        if wanted:
            with ThreadPoolExecutor(len(wanted)) as pool:
                list(pool.map(one, wanted))


def halt_outdated(instance: Instance) -> None:
    """Stop the API or the worker when cargo has built another one since it was started."""
    for component in components.PROGRAMS:
        known = instance.pid_file(component.name)
        pid = known.alive()
        try:
            if pid is not None and _is_outdated(pid, known.path, Path(component.command(instance)[0])):
                halt(instance, {component.name})
        except OSError:
            continue


def _is_outdated(pid: int, started: Path, program: Path) -> bool:
    """Whether a program was built after the process that runs it was started."""
    built = os.stat(program)
    try:
        running = os.stat(f"/proc/{pid}/exe")
    except PermissionError:
        # The programs keep themselves closed to everyone but root; their pid files are as old as they are.
        return built.st_mtime > started.stat().st_mtime
    return (running.st_dev, running.st_ino) != (built.st_dev, built.st_ino)


def wipe(instance: Instance) -> None:
    """Stop everything and remove the data."""
    if instance.known:
        halt(instance)
    instance.wipe()


class Borrowed:
    """Servers for the time of a command: those that it had to start are stopped after it."""

    def __init__(self, instance: Instance, *rust: str, wanted: tuple[Component, ...] = components.SERVERS):
        self.instance, self.rust, self.wanted, self.started = instance, rust, wanted, False

    def __enter__(self) -> Instance:
        relocate(self.instance.state)
        with self.instance.locked():
            self.started = not self.instance.running()
            if self.started:
                wipe(self.instance)
            try:
                open_instance(self.instance, *self.rust)
                bring(self.instance, self.wanted)
            except BaseException:  # a server that failed, or Ctrl-C: `__exit__` will not be called
                if self.started:
                    halt(self.instance)
                raise
        return self.instance

    def __exit__(self, *_) -> None:
        if self.started:
            with self.instance.locked():
                halt(self.instance)
