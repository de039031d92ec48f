"""PostgreSQL, 15 or later, with the three roles of Yemma; the grants are the migrations' business."""

import os
import signal
import socket
import time
from pathlib import Path

from .. import paths, process, users
from ..instance import Instance
from .base import Component, program

ROLES = """
SELECT format('CREATE ROLE %I LOGIN', r) FROM unnest(ARRAY['yemma','yemma_api','yemma_worker']) r
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) \\gexec
ALTER ROLE yemma LOGIN CREATEDB CREATEROLE PASSWORD '{owner}';
ALTER ROLE yemma_api LOGIN PASSWORD '{api}';
ALTER ROLE yemma_worker LOGIN PASSWORD '{worker}';
GRANT pg_signal_backend TO yemma;
SELECT 'CREATE DATABASE yemma OWNER yemma' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'yemma') \\gexec
"""

THROW_AWAY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0")


class Postgres(Component):
    """The database server. Its superuser is `postgres`; the owner of everything of ours is `yemma`."""

    name = "postgres"
    ports = ("postgres",)
    stop_signal = signal.SIGINT  # the fast shutdown: TERM would wait for clients to leave

    def prepare(self, instance: Instance) -> None:
        home = instance.data(self.name)
        if (home / "data").exists():
            end_orphans(home / "data")
        else:
            self._initialise(instance, home)

    def _initialise(self, instance: Instance, home: Path) -> None:
        password, fresh = home / "password", home / "data.new"
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(instance.secret("postgres"))
        users.give(password)
        env = process.clean_env(home)
        if fresh.exists():
            process.run(["rm", "-rf", str(fresh)], env)
        sync = [] if instance.durable else ["--no-sync"]
        process.run(
            [self._program("initdb"), "-D", str(fresh), "-U", "postgres", "-A", "scram-sha-256",
             f"--pwfile={password}", "-E", "UTF8", "--locale=C.UTF-8", *sync], env, timeout=120)
        password.unlink()
        fresh.rename(home / "data")

    def command(self, instance: Instance) -> list[str]:
        settings = [
            "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "timezone=UTC",
            "log_timezone=UTC", "log_line_prefix=%m [%p] %u@%d ", "jit=off",
            *(() if instance.durable else THROW_AWAY),
        ]
        data = instance.data(self.name) / "data"
        flags = [flag for setting in settings for flag in ("-c", setting)]
        return [self._program("postgres"), "-D", str(data), "-p", str(instance.port("postgres")), *flags]

    def ready(self, instance: Instance) -> bool:
        try:  # a cheap look first: the client program costs more than a connection
            socket.create_connection(("127.0.0.1", instance.port("postgres")), 1).close()
        except OSError:
            return False
        try:
            process.run([self._program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(instance.port("postgres"))],
                        process.clean_env(Path("/")))
        except process.StackError:
            return False
        return True

    def settle(self, instance: Instance) -> None:
        secret = instance.secret
        self.psql(instance, ROLES.format(owner=secret("db_owner"), api=secret("db_api"), worker=secret("db_worker")))

    def psql(self, instance: Instance, sql: str) -> str:
        """Run statements as the superuser."""
        env = process.clean_env(Path("/"), PGPASSWORD=instance.secret("postgres"), PGCONNECT_TIMEOUT="5")
        return process.run(
            [self._program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
             "-p", str(instance.port("postgres")), "-U", "postgres", "-d", "postgres"], env, stdin=sql)

    @staticmethod
    def _program(name: str) -> str:
        folder = paths.postgres_bin()
        return program(folder / name if folder else None, "PostgreSQL")


def end_orphans(data: Path) -> None:
    """After `kill -9` of the postmaster its children may linger, and a new one would refuse to start."""
    deadline = time.monotonic() + 5
    while orphans := process.inside(data):
        late = time.monotonic() > deadline
        for pid in orphans if late else ():
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    lock = data / "postmaster.pid"
    # Nobody works on these data any more; the recorded pid may have been given to somebody else.
    lock.unlink(missing_ok=True)
