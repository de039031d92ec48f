"""Temporal's development server: engine, command line and web UI in one program."""

import json
from pathlib import Path

from .. import paths, process
from ..errors import StackError
from ..instance import Instance
from .base import Component, answers, program

NAMESPACE = "yemma"
KEYWORDS = ("YemmaDomain", "YemmaStatus", "YemmaAssignee", "YemmaProfileId", "YemmaCompanyId", "YemmaCorrelationId")
DATES = ("YemmaDeadline",)
RETENTION = "30d"


class Temporal(Component):
    """One process on one SQLite file: histories survive `kill -9`; for development and tests only."""

    name = "temporal"
    ports = ("temporal", "temporal_ui", "temporal_metrics")

    def command(self, instance: Instance) -> list[str]:
        home = instance.data(self.name)
        attributes = [f"{name}=Keyword" for name in KEYWORDS] + [f"{name}=Datetime" for name in DATES]
        return [
            program(paths.tool("temporal"), "temporal"), "server", "start-dev", "--ip", "127.0.0.1",
            "--port", str(instance.port("temporal")), "--ui-ip", "127.0.0.1",
            "--ui-port", str(instance.port("temporal_ui")), "--metrics-port", str(instance.port("temporal_metrics")),
            "--db-filename", str(home / "temporal.db"), "--namespace", NAMESPACE, "--log-level", "warn",
            *(flag for attribute in attributes for flag in ("--search-attribute", attribute)),
        ]

    def ready(self, instance: Instance) -> bool:
        # Asked through the UI, so that engine, namespace and UI all answer (an open port says nothing).
        return answers(f"http://{instance.address('temporal_ui')}/api/v1/namespaces/{NAMESPACE}")

    def settle(self, instance: Instance) -> None:
        """Keep closed workflows longer than the 24 hours of a fresh development namespace."""
        mark = instance.data(self.name) / "retention"
        if mark.exists() and mark.read_text() == RETENTION:
            return
        self.cli(instance, "operator", "namespace", "update", "--namespace", NAMESPACE, "--retention", RETENTION)
        mark.write_text(RETENTION)

    def cli(self, instance: Instance, *arguments: str) -> str:
        """Run the command line against this server; a fresh server may need a second try."""
        argv = [program(paths.tool("temporal"), "temporal"), *arguments, "--address", instance.address("temporal")]
        env = process.clean_env(Path(instance.data(self.name)))
        for attempt in range(10):
            try:
                return process.run(argv, env)
            except StackError as error:
                last = error
        raise last


def describe(instance: Instance) -> dict:
    """The namespace as the server sees it."""
    return json.loads(Temporal().cli(instance, "operator", "namespace", "describe", NAMESPACE, "-o", "json"))
