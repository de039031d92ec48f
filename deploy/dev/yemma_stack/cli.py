"""The verbs of the stack."""

import argparse
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import components, environment, install, paths
from .components import Component, app
from .errors import StackError
from .instance import Instance
from .process import end

FOLDERS = {"demo": ".stack", "test": ".stack/test", "crash": ".stack/crash"}


def main(arguments: list[str]) -> int:
    """Run one verb; the exit code."""
    os.umask(0o022)  # the servers' user must be able to read the tools, whatever the caller's mask
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    chosen = parser().parse_args(arguments)
    try:
        return chosen.verb(chosen) or 0
    except StackError as error:
        print(f"\nstack: {error}", flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nstack: interrupted", flush=True)
        return 130


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="stack.py", description="The development stack of Yemma.")
    verbs = top.add_subparsers(required=True, metavar="VERB")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--instance", choices=FOLDERS, default="demo", help="its folder, ports and durability (demo)")
    common.add_argument("--state", type=Path, help="another state directory than the instance's own")

    def add(name: str, verb, text: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, parents=[common], help=text, description=text)
        made.set_defaults(verb=verb)
        return made

    up_parser = add("up", up, "install what lacks, start what does not run, nothing else")
    up_parser.add_argument("--port-base", type=int, default=_base_from_environment(), help="first of the 20 ports")
    up_parser.add_argument("--durable", action=argparse.BooleanOptionalAction, default=None, help="fsync on or off")
    up_parser.add_argument("--servers-only", action="store_true", help="leave out Yemma's own api and worker")
    stop_parser = add("stop", stop, "stop everything, or some components")
    stop_parser.add_argument("component", nargs="*")
    add("reset", reset, "stop everything and wipe the data of the instance")
    add("status", status, "what runs")
    add("logs", logs, "follow the logs").add_argument("component", nargs="*")
    runner = add("run", run, "run a command with the instance's environment")
    runner.add_argument("command", nargs=argparse.REMAINDER)
    add("install", lambda _: install.ensure(), "only install what lacks")
    return top


def _base_from_environment() -> int | None:
    chosen = os.environ.get("YEMMA_PORT_BASE", "")
    return int(chosen) if chosen.isdigit() else None


def instance_of(chosen: argparse.Namespace) -> Instance:
    """The instance that the command line names."""
    state = chosen.state if chosen.state else paths.ROOT / FOLDERS[chosen.instance]
    return Instance(Path(os.path.abspath(state)), chosen.instance)


# -- up ----------------------------------------------------------------------------------------


def up(chosen: argparse.Namespace) -> None:
    """Bring the instance to life."""
    began, instance = time.monotonic(), instance_of(chosen)
    install.ensure()
    with instance.locked():
        instance.open(base=chosen.port_base, durable=chosen.durable, search_ports=chosen.instance != "demo")
        environment.write(instance)
        bring(instance, components.SERVERS)
        if chosen.servers_only:
            pass
        elif app.built(instance):
            bring_programs(instance)
        else:
            print("  api, worker   not built yet: `make demo` builds and starts them")
    print(f"up in {time.monotonic() - began:.1f} s; addresses and accounts: {instance.state / 'env'}", flush=True)


def bring(instance: Instance, wanted: tuple[Component, ...]) -> None:
    """Start those that do not run, all at once; then every failure is told."""
    with ThreadPoolExecutor(len(wanted)) as pool:
        failures = [error for error in pool.map(lambda one: _bring(instance, one), wanted) if error]
    if failures:
        raise StackError("\n\n".join(failures))


def bring_programs(instance: Instance) -> None:
    """The API and the worker, after the migrations when one of them must start."""
    if not all(instance.pid_file(one.name).alive() for one in components.PROGRAMS):
        app.migrate(instance)
    bring(instance, components.PROGRAMS)


def _bring(instance: Instance, component: Component) -> str | None:
    began, pid = time.monotonic(), instance.pid_file(component.name).alive()
    address = instance.address(component.ports[-1] if component.name == "mail" else component.ports[0])
    try:
        if pid:
            component.wait(instance, 10)
            component.refresh(instance)
            done = "already up"
        else:
            pid = component.start(instance)
            done = f"started in {time.monotonic() - began:.1f} s"
    except StackError as error:
        print(f"  {component.name:<13} FAILED", flush=True)
        return str(error)
    print(f"  {component.name:<13} {address:<17} pid {pid:<8} {done}", flush=True)
    return None


# -- the other verbs ---------------------------------------------------------------------------


def stop(chosen: argparse.Namespace) -> None:
    """Stop by pid: Yemma first, then the servers, all at once."""
    instance = instance_of(chosen)
    if not instance.file.exists():
        print(f"nothing runs in {instance.state}")
        return
    with instance.locked():
        instance.read()
        halt(instance, set(chosen.component))


def halt(instance: Instance, names: set[str]) -> None:
    """Stop some components, or all."""
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


def reset(chosen: argparse.Namespace) -> None:
    """Stop and wipe."""
    instance = instance_of(chosen)
    if not instance.state.exists():
        print(f"there is nothing in {instance.state}")
        return
    with instance.locked():
        if instance.file.exists():
            instance.read()
            halt(instance, set())
        instance.wipe()
    print(f"wiped {instance.state} (installed tools are kept)")


def status(chosen: argparse.Namespace) -> int:
    """Say what runs; 0 when all of it does."""
    instance, dead = instance_of(chosen).read(), 0
    for component in components.SERVERS + components.PROGRAMS:
        pid = instance.pid_file(component.name).alive()
        state = "down" if pid is None else "up" if component.ready(instance) else "does not answer"
        dead += state != "up"
        print(f"  {component.name:<13} {state:<16} {f'pid {pid}' if pid else ''}")
    return 1 if dead else 0


def logs(chosen: argparse.Namespace) -> int:
    """Follow the logs of the instance."""
    instance = instance_of(chosen).read()
    files = [instance.log(name) for name in chosen.component] or sorted((instance.state / "log").glob("*.log"))
    return subprocess.run(["tail", "-n", "20", "-F", *map(str, files)], check=False).returncode


def run(chosen: argparse.Namespace) -> int:
    """Become a command that sees the instance's environment."""
    instance = instance_of(chosen).read()
    command = chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command
    if not command:
        raise StackError("which command? `stack.py run -- COMMAND …`")
    os.execvpe(command[0], command, os.environ | environment.values(instance))
