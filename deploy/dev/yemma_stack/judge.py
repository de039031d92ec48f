"""`make schemathesis`: an outside judge reads the OpenAPI document and tries to catch the API out.

Nobody, and one person of each role, ask every operation with what the document allows and with what
it does not; no answer may be a 5xx, have an undocumented status, or another shape than promised.
"""

import json
import subprocess

from . import accounts, cargo, components, environment, install, lifecycle, paths
from .errors import StackError
from .instance import Instance

PACKAGE = "schemathesis==4.32.5"
ROLES = ("candidate", "company", "admin", "super_admin")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
APART = "/docs|/logout"
"""Swagger UI is no part of the contract; who logs out has nothing more to ask."""


def judge(arguments: list[str]) -> int:
    """Schemathesis over the running demo, as nobody and as each role; options go to `st run`."""
    instance = Instance(paths.ROOT / ".stack", "demo")
    with instance.locked():
        lifecycle.open_instance(instance, "cargo")
        lifecycle.bring(instance, components.SERVERS)
        environment.built_in(instance, cargo.build())
        lifecycle.halt_outdated(instance)
        lifecycle.bring_programs(instance)
    accounts.create(instance)
    program, values = installed(), environment.values(instance)
    failed = [role for role in (None, *ROLES) if not passes(program, values, role, arguments)]
    told = ", ".join(role or "nobody" for role in failed)
    print(f"\nmake schemathesis: {f'failed as {told}' if failed else 'all is well'}", flush=True)
    return 1 if failed else 0


def passes(program: str, values: dict[str, str], role: str | None, arguments: list[str]) -> bool:
    """One run; its report is shown."""
    print(f"\n== As {role or 'nobody'}", flush=True)
    api = values["YEMMA_API_URL"]
    apart = APART if role is None else f"{APART}|/auth/(login|register|refresh|verify-email)"
    argv = [program, "run", f"{api}/openapi.json", "--url", api, "--checks", CHECKS, "--exclude-path-regex", apart]
    # Left without a token it would sign itself up.
    bearer = "nobody" if role is None else token(values, role)
    argv += ["--header", f"Authorization: Bearer {bearer}"]
    return subprocess.run([*argv, "--max-examples", "25", *arguments], check=False).returncode == 0


def token(values: dict[str, str], role: str) -> str:
    """An access token of the demo's account of that role."""
    name = role.upper()
    login = {"email": values[f"DEMO_{name}_EMAIL"], "password": values[f"DEMO_{name}_PASSWORD"]}
    code, answer = accounts.post(values["YEMMA_API_URL"] + "/api/v1/auth/login", login)
    if code != 200:
        raise StackError(f"{login['email']} cannot log in: {code} {answer}")
    return json.loads(answer)["access_token"]


def installed() -> str:
    """The judge, in a folder of its own: it comes with many packages that nothing else needs."""
    return install.python_program("schemathesis", PACKAGE, "st")
