"""MailDev: takes every mail by SMTP and shows it in a web inbox."""

from .. import paths
from ..instance import Instance
from .base import Component, answers, program


class Mail(Component):
    """Mails are kept in files, so a restart loses none."""

    name = "mail"
    ports = ("smtp", "mail")
    shown = "mail"

    def command(self, instance: Instance) -> list[str]:
        script = program(paths.node_script("maildev", "dist", "bin", "maildev.js"), "maildev")
        return [
            program(paths.which("node"), "Node.js"), script,
            "--ip", "127.0.0.1", "--smtp", str(instance.port("smtp")),
            "--web-ip", "127.0.0.1", "--web", str(instance.port("mail")),
            "--mail-directory", str(instance.data(self.name) / "mails"),
        ]

    def ready(self, instance: Instance) -> bool:
        return answers(f"http://{instance.address('mail')}/api/healthz")
