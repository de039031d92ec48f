"""The verbs of the stack."""

import argparse
import os
import signal
import subprocess
import time
from pathlib import Path

from . import components, demo, environment, install, lifecycle, paths, ports, testing
from .errors import StackError
from .instance import Instance

FOLDERS = {"demo": ".stack", "test": ".stack/test", "crash": ".stack/crash", "bench": ".stack/bench"}


def main(arguments: list[str]) -> int:
    """Run one verb; the exit code."""
    os.umask(0o022)  # the servers' user must be able to read the tools, whatever the caller's mask
    signal.signal(signal.SIGTERM, interrupt)
    # Whatever follows such a verb is for the test runner, options too.
    own = 1 if arguments and arguments[0] in testing.TASKS else len(arguments)
    chosen = parser().parse_args(arguments[:own])
    chosen.rest = arguments[own:]
    try:
        return chosen.verb(chosen) or 0
    except BrokenPipeError:  # the reader of our output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except (StackError, OSError) as error:
        print(f"\nstack: {error}", flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nstack: interrupted", flush=True)
        if chosen.verb in (up, play):
            left_running(chosen)
        return 130


def interrupt(*_) -> None:
    """End like after Ctrl-C, so that what was borrowed is given back."""
    raise KeyboardInterrupt


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
    up_parser.add_argument("--port-base", type=int, help="first of the 20 ports")
    up_parser.add_argument("--durable", action=argparse.BooleanOptionalAction, default=None, help="fsync on or off")
    up_parser.add_argument("--servers-only", action="store_true", help="leave out Yemma's own api and worker")
    stop_parser = add("stop", stop, "stop everything, or some components")
    stop_parser.add_argument("component", nargs="*")
    add("reset", reset, "stop everything and wipe the data of the instance")
    add("status", status, "what runs")
    add("logs", logs, "follow the logs").add_argument("component", nargs="*")
    runner = add("run", run, "run a command with the instance's environment")
    runner.add_argument("command", nargs=argparse.REMAINDER)
    add("install", lambda _: install.ensure("cargo"), "only install what lacks")
    add("demo", play, "install, build, start, and play the whole journey")
    for name, task in testing.TASKS.items():
        add(name, lambda chosen, task=task: task(chosen.rest), task.__doc__)
    return top


def instance_of(chosen: argparse.Namespace) -> Instance:
    """The instance that the command line names."""
    state = chosen.state if chosen.state else paths.ROOT / FOLDERS[chosen.instance]
    return Instance(Path(os.path.abspath(state)), chosen.instance)


def left_running(chosen: argparse.Namespace) -> None:
    """Say what an interrupted start leaves behind."""
    if running := instance_of(chosen).running():
        stops = f"stack.py stop --state {chosen.state}" if chosen.state else ports.COMMANDS[chosen.instance][0]
        print(f"still running: {', '.join(running)}; `{stops}` stops them", flush=True)


def play(chosen: argparse.Namespace) -> int:
    """Play the demo."""
    return demo.play(instance_of(chosen))


def up(chosen: argparse.Namespace) -> None:
    """Bring the instance to life."""
    began, instance = time.monotonic(), instance_of(chosen)
    with instance.locked():
        lifecycle.open_instance(instance, base=chosen.port_base, durable=chosen.durable)
        lifecycle.bring(instance, components.SERVERS)
        if not chosen.servers_only:
            lifecycle.bring_programs(instance)
    print(f"up in {time.monotonic() - began:.1f} s; addresses and accounts: {instance.state / 'env'}", flush=True)


def stop(chosen: argparse.Namespace) -> None:
    """Stop by pid: Yemma first, then the servers, all at once."""
    instance = instance_of(chosen)
    if not instance.known:
        print(f"nothing runs in {instance.state}")
        return
    with instance.locked():
        lifecycle.halt(instance, set(chosen.component))


def reset(chosen: argparse.Namespace) -> None:
    """Stop and wipe."""
    instance = instance_of(chosen)
    if not instance.state.exists():
        print(f"there is nothing in {instance.state}")
        return
    with instance.locked():
        lifecycle.wipe(instance)
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
