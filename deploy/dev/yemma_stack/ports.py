"""Which ports an instance uses, and who sits on them otherwise.

The defaults lie below 32768, outside the range that Linux gives to outgoing connections: there a
client could be handed the port of a server that is being restarted, or even connect to itself.
SeaweedFS uses P+10000 as well for each of its ports, which stays below that range too.
"""

import os
import socket
from pathlib import Path

from .errors import StackError

OFFSETS = {
    "api": 0, "worker": 1, "postgres": 2, "redis": 3, "temporal": 4, "temporal_ui": 5, "temporal_metrics": 6,
    "smtp": 7, "mail": 8, "clamd": 9, "s3": 10, "s3_filer": 11, "s3_master": 12, "s3_volume": 13, "s3_admin": 14,
    "s3_metrics": 15,
}
"""Distance of each port from the base."""

DEFAULT_BASE = {"demo": 20000, "test": 21000, "crash": 22000, "bench": 22400}
BASE_VARIABLE = {
    "demo": "YEMMA_PORT_BASE", "test": "YEMMA_TEST_PORT_BASE", "crash": "YEMMA_CRASH_PORT_BASE",
    "bench": "YEMMA_BENCH_PORT_BASE",
}
COMMANDS = {
    "demo": ("make stop", "make up"), "test": ("make test-stop", "make test-up"),
    "crash": ("make crash-stop", "make crash"), "bench": ("make bench-stop", "make bench"),
}
"""What a person types to stop an instance of each kind, and to start it again."""
STEP = 20
GRPC = 10000


def chosen_base(kind: str) -> int | None:
    """The base that the person asks for, each kind of instance by a variable of its own."""
    name = BASE_VARIABLE[kind]
    return number(os.environ[name], name) if os.environ.get(name) else None


def named(kind: str) -> dict[str, int]:
    """Single ports of the demo that the person asks for: `YEMMA_PORT_<NAME>`."""
    asked = {name: f"YEMMA_PORT_{name.upper()}" for name in OFFSETS if kind == "demo"}
    return {name: number(os.environ[variable], variable) for name, variable in asked.items() if os.environ.get(variable)}


def layout(base: int, overrides: dict[str, int]) -> dict[str, int]:
    """All ports of an instance."""
    ports = {name: base + offset for name, offset in OFFSETS.items()} | overrides
    for name, port in ports.items():
        if not 1024 <= port < 65536 - GRPC - 1:
            raise StackError(f"port {port} ({name}): choose one from 1024 to {65534 - GRPC}")
    if len(set(ports.values())) != len(ports):
        raise StackError(f"two components would share a port: {ports}")
    return ports


def number(text: str, source: str) -> int:
    """A port number that a person wrote."""
    if not text.isdigit():
        raise StackError(f"{source}={text!r} is not a port number")
    return int(text)


def all_of(ports: dict[str, int], names: tuple[str, ...]) -> list[int]:
    """The ports that some components listen on, with SeaweedFS's second ones."""
    plain = [ports[name] for name in names]
    return plain + [ports[name] + GRPC for name in names if name.startswith("s3") and name != "s3_metrics"]


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_base(first: int) -> int:
    """The first base at or after this one with all its ports free."""
    for base in range(first, first + 40 * STEP, STEP):
        if all(is_free(port) for port in all_of(layout(base, {}), tuple(OFFSETS))):
            return base
    raise StackError(f"no free ports from {first} on: choose a base with --port-base or {', '.join(BASE_VARIABLE.values())}")


def require_free(kind: str, ports: dict[str, int], names: tuple[str, ...]) -> None:
    """Refuse, naming the port, when a foreign program listens where a component should."""
    for name in names:
        for port in all_of(ports, (name,)):
            if not is_free(port):
                stop, start = COMMANDS[kind]
                single = f"    (or YEMMA_PORT_{name.upper()}=<number>)" if kind == "demo" else ""
                raise StackError(
                    f"port {port} ({name}) is taken by {holder(port)}. End that program, or choose other ports:\n"
                    f"    {stop}; {BASE_VARIABLE[kind]}=<number> {start}{single}"
                )


def holder(port: int) -> str:
    """The program that listens on a port, as far as we may see it."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        try:
            rows = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        inodes |= {f"socket:[{row.split()[9]}]" for row in rows if row.split()[1].endswith(f":{port:04X}")}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(fd) in inodes for fd in (entry / "fd").iterdir()):
                return f"pid {entry.name} ({(entry / 'comm').read_text().strip()})"
        except OSError:
            continue
    return "another program"
