"""S3: SeaweedFS in one process (`weed mini`)."""

from pathlib import Path

from .. import paths, users
from ..instance import Instance
from .base import Component, answers, program

BUCKET = "yemma-documents"
REGION = "us-east-1"
GRPC = 10000


class S3(Component):
    """Objects, with server-side encryption, presigned links and lifecycle as in real S3.

    Its filer serves every object without credentials: it must never leave the loopback address.
    """

    name = "s3"
    ports = ("s3", "s3_filer", "s3_master", "s3_volume", "s3_admin", "s3_metrics")

    def prepare(self, instance: Instance) -> None:
        # Sockets with fixed names stay behind after an unclean stop, and then another user cannot start.
        for name in self.ports:
            port = instance.port(name)
            for stale in Path("/tmp").glob(f"seaweedfs-*-{port + GRPC}.sock"):
                stale.unlink(missing_ok=True)
            for stale in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                stale.unlink(missing_ok=True)
        users.private_dir(instance.data(self.name) / "data")

    def command(self, instance: Instance) -> list[str]:
        sockets, port = instance.sockets(self.name), instance.port
        return [
            program(paths.tool("weed"), "seaweedfs"), "-logtostderr=true", "mini",
            f"-dir={instance.data(self.name) / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-master.port={port('s3_master')}", f"-volume.port={port('s3_volume')}",
            f"-filer.port={port('s3_filer')}", f"-s3.port={port('s3')}", f"-admin.port={port('s3_admin')}",
            f"-metricsPort={port('s3_metrics')}", "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0",
            f"-bucket={BUCKET}", f"-filer.localSocket={sockets / 'filer.sock'}", f"-s3.localSocket={sockets / 's3.sock'}",
        ]

    def environment(self, instance: Instance) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": instance.secret("s3_key"), "AWS_SECRET_ACCESS_KEY": instance.secret("s3")}

    def ready(self, instance: Instance) -> bool:
        filer = f"http://{instance.address('s3_filer')}/buckets/{BUCKET}/"
        return answers(f"http://{instance.address('s3')}/healthz") and answers(filer)
