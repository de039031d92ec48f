"""The `env` file of an instance: every address and key, for people, tests and Yemma itself."""

import os
import shlex
from pathlib import Path

from . import keys, paths
from .errors import StackError
from .instance import Instance, write_private

SETTINGS = "settings.env"
"""A file that a person may write in the state directory: NAME=value lines for the API and the worker."""

DEMO = {"admin": "admin", "admin2": "admin2", "super_admin": "super-admin", "company": "entreprise", "candidate": "candidat"}


def values(instance: Instance) -> dict[str, str]:
    """All variables, those of `settings.env` last."""
    return _stack(instance) | _servers(instance) | _keys(instance) | _demo(instance) | settings(instance)


def _stack(instance: Instance) -> dict[str, str]:
    api = f"http://{instance.address('api')}"
    return {
        "YEMMA_STATE_DIR": str(instance.state.resolve()),
        "YEMMA_API_URL": api,
        "API_PUBLIC_URL": api,
        "API_LISTEN_ADDRESS": instance.address("api"),
        "WORKER_METRICS_ADDRESS": instance.address("worker"),
        "YEMMA_WORKER_METRICS_URL": f"http://{instance.address('worker')}",
        "YEMMA_BIN_DIR": str(binary(instance, "yemma-admin").parent),
        "YEMMA_ADMIN": str(binary(instance, "yemma-admin")),
        "TEMPORAL_CLI": str(paths.tool("temporal")),
        "TEMPORAL_TEST_SERVER": str(paths.tool("temporal-test-server")),
    }


def _servers(instance: Instance) -> dict[str, str]:
    from .components import s3, temporal

    def database(user: str, secret: str) -> str:
        return f"postgres://{user}:{instance.secret(secret)}@{instance.address('postgres')}/yemma"

    return {
        "DATABASE_URL": database("yemma", "db_owner"),
        "DB_API_URL": database("yemma_api", "db_api"),
        "DB_WORKER_URL": database("yemma_worker", "db_worker"),
        "REDIS_URL": f"redis://default:{instance.secret('redis')}@{instance.address('redis')}/0",
        "YEMMA_TEMPORAL_ADDRESS": instance.address("temporal"),
        "YEMMA_TEMPORAL_NAMESPACE": temporal.NAMESPACE,
        "YEMMA_TEMPORAL_UI_URL": f"http://{instance.address('temporal_ui')}",
        "S3_ENDPOINT": f"http://{instance.address('s3')}",
        "S3_REGION": s3.REGION,
        "S3_ACCESS_KEY": instance.secret("s3_key"),
        "S3_SECRET_KEY": instance.secret("s3"),
        "S3_BUCKET": s3.BUCKET,
        "CLAMAV_ADDRESS": instance.address("clamd"),
        "SMTP_URL": f"smtp://{instance.address('smtp')}",
        "SMTP_FROM": "Yemma <no-reply@yemma.test>",
        "YEMMA_MAIL_URL": f"http://{instance.address('mail')}",
    }


def _keys(instance: Instance) -> dict[str, str]:
    return {
        "AUTH_JWT_PRIVATE_KEY_FILE": str(keys.signing_key_file(instance)),
        "AUTH_LINK_KEY": instance.secret("link"),
        "DOCUMENT_MASTER_KEYS": instance.secret("documents"),
    }


def _demo(instance: Instance) -> dict[str, str]:
    accounts = {}
    for name, mailbox in DEMO.items():
        accounts[f"DEMO_{name.upper()}_EMAIL"] = f"{mailbox}@demo.yemma.test"
        accounts[f"DEMO_{name.upper()}_PASSWORD"] = instance.secret(f"demo_{name}")
    return accounts


def settings(instance: Instance) -> dict[str, str]:
    """What the person wrote in `settings.env`."""
    path = instance.state / SETTINGS
    found = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        words = shlex.split(line, comments=True)
        if words and words[0] == "export":
            words = words[1:]
        for word in words:
            name, equals, value = word.partition("=")
            if not equals or not name.isidentifier():
                raise StackError(f"{path}: {line!r} is not NAME=value")
            found[name] = value
    return found


def write(instance: Instance) -> Path:
    """Write `env`, readable by `source` in any shell, by its owner alone."""
    path = instance.state / "env"
    lines = [f"export {name}={quote(value)}" for name, value in values(instance).items()]
    text = "\n".join(["# Written by the development stack; `up` writes it anew.", *lines, ""])
    if not path.exists() or path.read_text() != text:
        write_private(path, text)
    return path


def quote(text: str) -> str:
    """A word in single quotes."""
    return "'" + text.replace("'", "'\\''") + "'"


def binary(instance: Instance, name: str) -> Path:
    """A program of the workspace, where cargo put it when the demo was built, or would put it."""
    known = instance.known.get("binaries")
    if known and (Path(known) / name).exists():
        return Path(known) / name
    chosen = os.environ.get("CARGO_TARGET_DIR")
    target = Path(chosen) if chosen else paths.ROOT / "target"
    return (target if target.is_absolute() else paths.ROOT / target) / "debug" / name


def built_in(instance: Instance, folder: Path) -> None:
    """Remember where cargo put the programs, so that a later `up` starts those, whatever is exported."""
    instance.known["binaries"] = str(folder)
    instance.save()
    write(instance)
