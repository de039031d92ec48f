"""The query data under `store/.sqlx` must be what PostgreSQL says of the queries of today.

A database is made from the migrations, then the crate is checked against it: sqlx writes what it
learns to a folder of ours. No program of the workspace has to be built first, so that a new query
can be prepared before anything compiles.
"""

import json
import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from yemma_stack import cargo, environment, paths, process
from yemma_stack.components import Postgres
from yemma_stack.errors import StackError
from yemma_stack.instance import Instance

COMMITTED = paths.ROOT / "store" / ".sqlx"
MIGRATIONS = paths.ROOT / "migrations"


def check(instance: Instance) -> None:
    """Compare what PostgreSQL says with what is committed."""
    with tempfile.TemporaryDirectory() as name:
        learn(instance, Path(name))
        fresh, committed = read(Path(name)), read(COMMITTED)
    words = {
        "missing": fresh.keys() - committed.keys(),
        "left over": committed.keys() - fresh.keys(),
        "changed": {one for one in fresh.keys() & committed.keys() if fresh[one] != committed[one]},
    }
    wrong = [f"{word}: {describe(one, fresh, committed)}" for word, files in words.items() for one in sorted(files)]
    if wrong:
        raise StackError("\n  ".join(["store/.sqlx is out of date: run `make prepare` and commit it", *wrong[:20]]))
    print(f"{len(fresh)} queries")


def write(instance: Instance) -> None:
    """Replace what is committed."""
    with tempfile.TemporaryDirectory() as name:
        learn(instance, Path(name))
        shutil.rmtree(COMMITTED, ignore_errors=True)
        COMMITTED.mkdir()
        for file in Path(name).glob("query-*.json"):
            (COMMITTED / file.name).write_text(file.read_text())
    print(f"wrote {len(list(COMMITTED.iterdir()))} files in {COMMITTED.relative_to(paths.ROOT)}")


def read(folder: Path) -> dict[str, dict]:
    """The files of a folder of query data."""
    return {file.name: json.loads(file.read_text()) for file in folder.glob("query-*.json")}


def describe(name: str, *sources: dict[str, dict]) -> str:
    """A query, by its first words."""
    query = next(source[name]["query"] for source in sources if name in source)
    return " ".join(query.split())[:100]


def learn(instance: Instance, folder: Path) -> None:
    """Let sqlx ask a migrated database about every query of the crate `store`."""
    with database(instance) as url:
        online = {"SQLX_OFFLINE": "false", "SQLX_OFFLINE_DIR": str(folder), "DATABASE_URL": url}
        forget()
        cargo.must(["check", "-p", "store", "--lib"], cargo.environ(**online))


def forget() -> None:
    """Make cargo check the crate again (and nothing else), although no file of it changed.

    Only the record of this very check is removed: builds and lints have records of their own.
    """
    offline = cargo.environ(SQLX_OFFLINE="true", DATABASE_URL="")
    folder = Path(cargo.metadata()["target_directory"]) / "debug"
    for message in messages(offline):
        if message.get("reason") == "compiler-artifact" and message["target"]["name"] == "store":
            for file in message["filenames"]:
                mark = Path(file).stem.removeprefix("libstore-")
                shutil.rmtree(folder / ".fingerprint" / f"store-{mark}", ignore_errors=True)


def messages(env: dict[str, str]) -> list[dict]:
    """What cargo says of the check as things are; a failure is no matter, then it checks again anyway."""
    try:
        lines = cargo.output(["check", "-q", "-p", "store", "--lib", "--message-format=json"], env).splitlines()
    except StackError:
        return []
    return [json.loads(line) for line in lines if line.startswith("{")]


@contextmanager
def database(instance: Instance):
    """A database of the migrations of today, for as long as it is needed."""
    name = f"queries_{os.getpid()}_{secrets.token_hex(3)}"
    server = Postgres()
    server.psql(instance, f"CREATE DATABASE {name} OWNER yemma;")
    try:
        url = environment.values(instance)["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        psql = str(paths.postgres_bin() / "psql")
        for file in sorted(MIGRATIONS.glob("*.sql"), key=version):
            process.run(
                [psql, "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", url],
                process.clean_env(Path("/"), PGOPTIONS="-c client_min_messages=warning"), stdin=file.read_text())
        yield url
    finally:
        server.psql(instance, f"DROP DATABASE {name} WITH (FORCE);")


def version(file: Path) -> int:
    """The number that a migration begins with."""
    number = file.name.partition("_")[0]
    if not number.isdigit():
        raise StackError(f"{file}: the name of a migration begins with its number and `_`")
    return int(number)
