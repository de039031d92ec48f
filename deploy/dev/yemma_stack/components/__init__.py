"""The components of the stack, in the order in which they are shown."""

from .app import Api, Worker
from .base import Component
from .clamd import Clamd
from .mail import Mail
from .postgres import Postgres
from .redis import Redis
from .s3 import S3
from .temporal import Temporal

SERVERS: tuple[Component, ...] = (Postgres(), Redis(), Temporal(), S3(), Clamd(), Mail())
"""Other people's programs; they do not depend on each other."""

PROGRAMS: tuple[Component, ...] = (Api(), Worker())
"""Yemma's own, started when the servers answer."""
