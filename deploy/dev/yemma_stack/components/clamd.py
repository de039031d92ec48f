"""ClamAV's daemon, with a small signature database of our own (the real one cannot be packaged)."""

import socket
import time
from pathlib import Path

from .. import paths, signatures, users
from ..instance import Instance
from .base import Component, program
from .redis import read_until

MAX_AGE = 12 * 3600
"""A database older than this is written anew: Yemma refuses to trust a scanner that is out of date."""


class Clamd(Component):
    """It finds EICAR anywhere in a file, raw or packed, and refuses what it cannot look into."""

    name = "clamd"
    ports = ("clamd",)

    def prepare(self, instance: Instance) -> None:
        home = instance.data(self.name)
        for name in ("db", "tmp"):
            users.private_dir(home / name)
        self._write_database(instance)
        (home / "clamd.conf").write_text("\n".join([
            "Foreground yes", f"TCPSocket {instance.port('clamd')}", "TCPAddr 127.0.0.1",
            f"DatabaseDirectory {home / 'db'}", f"TemporaryDirectory {home / 'tmp'}",
            "StreamMaxLength 25M", "MaxFileSize 25M", "MaxScanSize 100M", "MaxRecursion 10", "MaxFiles 1000",
            "AlertEncrypted yes", "AlertExceedsMax yes", "MaxThreads 4", "ReadTimeout 30", "SelfCheck 600",
            "ExitOnOOM yes", "",
        ]))

    def _database(self, instance: Instance) -> Path:
        return instance.data(self.name) / "db" / "daily.cud"

    def _write_database(self, instance: Instance) -> None:
        path = self._database(instance)
        fresh = path.with_name("daily.new")
        fresh.write_bytes(signatures.container(int(time.time())))
        users.give(fresh)
        fresh.replace(path)

    def command(self, instance: Instance) -> list[str]:
        config = instance.data(self.name) / "clamd.conf"
        return [program(paths.which("clamd"), "clamav-daemon"), f"--config-file={config}"]

    def ready(self, instance: Instance) -> bool:
        return ask(instance, "PING", b"PONG")

    def refresh(self, instance: Instance) -> None:
        path = self._database(instance)
        if not path.exists() or time.time() - path.stat().st_mtime > MAX_AGE:
            self._write_database(instance)
            ask(instance, "RELOAD", b"RELOADING")


def ask(instance: Instance, command: str, wanted: bytes) -> bool:
    """Send one command to the daemon."""
    try:
        with socket.create_connection(("127.0.0.1", instance.port("clamd")), 1) as link:
            link.sendall(f"z{command}\0".encode())
            return wanted in read_until(link, wanted)
    except OSError:
        return False
