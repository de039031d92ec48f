"""The demo's accounts: administrators by `yemma-admin`, the others by the front door."""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from . import environment, process
from .errors import StackError
from .instance import Instance

ADMINISTRATORS = {"ADMIN": "admin", "ADMIN2": "admin", "SUPER_ADMIN": "super_admin"}
PERSON = {"first_name": "Awa", "last_name": "Diallo", "locale": "fr", "accept_terms": True}
COMPANY = PERSON | {"account_type": "company", "company_name": "Entreprise de démonstration"}
CANDIDATE = PERSON | {"account_type": "candidate"}


def create(instance: Instance) -> None:
    """Make what is missing; an account that exists is left as it is."""
    values = environment.values(instance)
    for name, role in ADMINISTRATORS.items():
        email = values[f"DEMO_{name}_EMAIL"]
        admin(values, "users", "create", "--email", email, "--role", role, stdin=values[f"DEMO_{name}_PASSWORD"])
        print(f"  {email:<32} {role}", flush=True)
    email = values["DEMO_COMPANY_EMAIL"]
    join(values, COMPANY | {"email": email, "password": values["DEMO_COMPANY_PASSWORD"]})
    admin(values, "companies", "set-plan", "--email", email, "--plan", "enterprise")
    print(f"  {email:<32} company, Enterprise plan", flush=True)
    email = values["DEMO_CANDIDATE_EMAIL"]
    join(values, CANDIDATE | {"email": email, "password": values["DEMO_CANDIDATE_PASSWORD"]})
    print(f"  {email:<32} candidate", flush=True)


def admin(values: dict[str, str], *arguments: str, stdin: str = "") -> str:
    """Run `yemma-admin`."""
    env = process.clean_env(Path("/"), **values)
    return process.run([values["YEMMA_ADMIN"], *arguments], env, stdin=stdin, dropped=False)


def join(values: dict[str, str], person: dict) -> None:
    """Register and verify somebody like anybody else, unless they can log in already."""
    api, email = values["YEMMA_API_URL"] + "/api/v1/auth", person["email"]
    login = {"email": email, "password": person["password"]}
    if post(f"{api}/login", login)[0] == 200:
        return
    code, answer = post(f"{api}/register", person)
    if code != 202:
        raise StackError(f"{email} could not register: {code} {answer}")
    end = time.monotonic() + 30
    with process.told_if_long(f"waiting for the mail to {email}"):
        while time.monotonic() < end:
            for token in tokens(values, email):
                if post(f"{api}/verify-email", {"token": token})[0] == 204 and post(f"{api}/login", login)[0] == 200:
                    return
            time.sleep(0.5)
    raise StackError(f"no mail to {email} could be used to verify it: see {values['YEMMA_MAIL_URL']}")


def tokens(values: dict[str, str], email: str) -> list[str]:
    """The tokens of the links in this person's mails, the newest first."""
    url = f"{values['YEMMA_MAIL_URL']}/api/email?{urllib.parse.urlencode({'to.address': email})}"
    with opener.open(url, timeout=5) as answer:
        mails = sorted(json.load(answer), key=lambda mail: mail.get("date") or "", reverse=True)
    found = [re.search(r"[?&]token=([^\s\"'<>&]+)", mail.get("text") or mail.get("html") or "") for mail in mails]
    return [urllib.parse.unquote(match.group(1)) for match in found if match]


def post(url: str, body: dict) -> tuple[int, str]:
    """POST JSON; status and text of the answer."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        raise StackError(f"{url}: {error}") from error


opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
