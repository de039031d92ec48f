"""Yemma itself: the API and the worker, as cargo built them."""

from pathlib import Path

from .. import environment, process
from ..errors import StackError
from ..instance import Instance
from .base import Component, answers


class Program(Component):
    """A program of the workspace; its environment is the instance's `env` file."""

    binary = ""

    def command(self, instance: Instance) -> list[str]:
        return [str(environment.binary(instance, self.binary))]

    def environment(self, instance: Instance) -> dict[str, str]:
        return environment.values(instance)

    def ready(self, instance: Instance) -> bool:
        return answers(f"http://{instance.address(self.ports[0])}/readyz")


class Api(Program):
    """The HTTP server."""

    name = "api"
    binary = "yemma-api"
    ports = ("api",)


class Worker(Program):
    """Workflows, activities and the relay."""

    name = "worker"
    binary = "yemma-worker"
    ports = ("worker",)
    stop_grace = 30.0


def built(instance: Instance) -> bool:
    """Whether there is something to start."""
    return all(environment.binary(instance, name).exists() for name in ("yemma-api", "yemma-worker", "yemma-admin"))


def migrate(instance: Instance) -> None:
    """Bring the database to the version of the programs."""
    admin = environment.binary(instance, "yemma-admin")
    env = process.clean_env(Path("/"), **environment.values(instance))
    try:
        with process.told_if_long("migrating the database"):
            process.run([str(admin), "migrate"], env, dropped=False, timeout=300)
    except StackError as error:
        raise StackError(f"the migrations failed: {error}") from error
