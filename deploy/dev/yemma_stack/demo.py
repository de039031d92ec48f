"""`make demo`: everything from a fresh machine to a journey played before one's eyes."""

import subprocess
import time

from . import accounts, cargo, components, environment, lifecycle, process
from .errors import StackError
from .instance import Instance


def play(instance: Instance) -> int:
    """Install, start the servers, build, migrate, start Yemma, make the accounts, play the journey."""
    began = time.monotonic()
    title("Servers")
    with instance.locked():
        lifecycle.open_instance(instance, "cargo")
        lifecycle.bring(instance, components.SERVERS)
    title("Build (the first one takes about seven minutes on two cores)")
    folder = cargo.build()
    title("Yemma")
    with instance.locked():
        environment.built_in(instance, folder)
        lifecycle.halt_outdated(instance)
        lifecycle.bring_programs(instance)
    title("Accounts")
    accounts.create(instance)
    title("The journey")
    code = journey(instance)
    where(instance)
    print(f"\nmake demo: {'done' if code == 0 else f'the journey failed (code {code})'}, {time.monotonic() - began:.0f} s")
    return code


def title(text: str) -> None:
    """Tell the person which part begins."""
    print(f"\n== {text}", flush=True)


def journey(instance: Instance) -> int:
    """Run the program that plays it; its output is the show."""
    program = environment.binary(instance, "yemma-demo")
    if not program.exists():
        raise StackError(f"{program} was not built")
    env = process.clean_env(instance.state, **environment.values(instance))
    return subprocess.run([str(program)], env=env, stdin=subprocess.DEVNULL, check=False).returncode


def where(instance: Instance) -> None:
    """Where to look afterwards."""
    values = environment.values(instance)
    title("Everything keeps running")
    for what, place in (
        ("API documentation", values["YEMMA_API_URL"] + "/docs"),
        ("Temporal UI", f"{values['YEMMA_TEMPORAL_UI_URL']}/namespaces/{values['YEMMA_TEMPORAL_NAMESPACE']}/workflows"),
        ("mail inbox", values["YEMMA_MAIL_URL"]),
        ("addresses, accounts", f"source {instance.state / 'env'}"),
        ("logs", "make logs"),
        ("stop, wipe", "make stop, make reset"),
    ):
        print(f"  {what:<20} {place}")
