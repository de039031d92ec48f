"""A signature database for clamd: one signature (EICAR), with a version and a date.

It is an unsigned container (`daily.cud`): a 512-byte header, then a compressed archive. The header
gives `VERSION` its version and date, so that staleness can be told; plain `.ndb` files have neither.
"""

import gzip
import hashlib
import io
import tarfile
import time

# Written in two parts, so that no scanner takes this file for the test file itself.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LEVEL = 90


def container(when: int) -> bytes:
    """The database as of a moment (seconds since 1970); its version grows by one an hour."""
    version = when // 3600
    signature = b"Eicar-Test-Signature:0:*:" + EICAR.hex().encode() + b"\n"
    info = f"{_header(version, when, 'X')}\ndaily.ndb:{len(signature)}:{hashlib.sha256(signature).hexdigest()}\n"
    members = (("COPYING", b"test database\n"), ("daily.info", info.encode()), ("daily.ndb", signature))
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as out:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))
    body = gzip.compress(archive.getvalue())
    return _header(version, when, hashlib.md5(body).hexdigest()).encode().ljust(512) + body


def _header(version: int, when: int, digest: str) -> str:
    date = time.strftime("%d %b %Y %H-%M +0000", time.gmtime(when))
    return f"ClamAV-VDB:{date}:{version}:1:{LEVEL}:{digest}:X:yemma:{when}"
