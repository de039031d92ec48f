"""The passwords and keys of an instance: made once, kept in its `instance.json` (mode 600)."""

import base64
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from . import paths, process, users
from .errors import StackError

if TYPE_CHECKING:
    from .instance import Instance

PASSWORDS = (
    "postgres", "db_owner", "db_api", "db_worker", "redis", "s3",
    "demo_admin", "demo_admin2", "demo_super_admin", "demo_company", "demo_candidate",
)


def fill(instance: "Instance") -> None:
    """Make what is missing; keep what is there."""
    known = instance.known.setdefault("secrets", {})
    for name in PASSWORDS:
        known.setdefault(name, secrets.token_urlsafe(24))
    known.setdefault("s3_key", "yemma" + secrets.token_hex(6))
    known.setdefault("link", key())
    known.setdefault("documents", f"k1:{key()}")
    signing_key(instance)


def key() -> str:
    """32 random bytes, in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def signing_key_file(instance: "Instance") -> Path:
    """Where the Ed25519 key of the access tokens lies."""
    return instance.state.resolve() / "keys" / "jwt.pem"


def signing_key(instance: "Instance") -> None:
    """An Ed25519 private key, PKCS#8 in PEM, readable by the servers' user alone."""
    path = signing_key_file(instance)
    if path.exists():
        return
    openssl = paths.which("openssl")
    if openssl is None:
        raise StackError("openssl is missing (Debian package: openssl)")
    pem = process.run([openssl, "genpkey", "-algorithm", "ed25519"], process.clean_env(Path("/")), dropped=False)
    path.touch(mode=0o600)
    path.write_text(pem)
    users.give(path)
