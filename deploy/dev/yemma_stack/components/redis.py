"""Redis: rate limits, sessions, the cache of standings. Nothing in it may be irreplaceable."""

import socket
from pathlib import Path

from .. import paths, users
from ..instance import Instance, write_private
from .base import Component, program


class Redis(Component):
    """`noeviction`, or counters of rate limits would vanish silently."""

    name = "redis"
    ports = ("redis",)

    def prepare(self, instance: Instance) -> None:
        # The password goes by a file: a command line can be read by everybody.
        write_private(self._config(instance), "\n".join([
            "bind 127.0.0.1", f"port {instance.port('redis')}", f"dir {instance.data(self.name)}", 'save ""',
            f"appendonly {'yes' if instance.durable else 'no'}", f"requirepass {instance.secret('redis')}",
            "maxmemory 256mb", "maxmemory-policy noeviction", "daemonize no", "",
        ]))
        users.give(self._config(instance))

    def _config(self, instance: Instance) -> Path:
        return instance.data(self.name) / "redis.conf"

    def command(self, instance: Instance) -> list[str]:
        return [program(paths.which("redis-server"), "redis-server"), str(self._config(instance))]

    def ready(self, instance: Instance) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", instance.port("redis")), 1) as link:
                link.sendall(f"AUTH {instance.secret('redis')}\r\nPING\r\n".encode())
                return b"PONG" in read_until(link, b"PONG")
        except OSError:
            return False


def read_until(link: socket.socket, wanted: bytes) -> bytes:
    """What a server says, until it has said what we wait for."""
    got = b""
    while wanted not in got and (more := link.recv(256)):
        got += more
    return got
