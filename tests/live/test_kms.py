"""The KMS key of the shipped Flink configuration is on everything that Flink writes to S3."""

import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from ruamel.yaml import YAML

from tests.services.flink import FlinkCluster, flink_cluster
from tests.services.kinesis import Kinesis
from tests.services.process import HOST, ROOT, await_that
from tests.services.s3 import MotoServer
from tests.support.live_system import BUCKET, RESTRICTED, Live, from_kinesis
from tests.support.records import payload

KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
# Java has a store of certificates of its own, which does not know the server's.
TRUSTING = "-Dcom.amazonaws.sdk.disableCertChecking=true"


class TlsMotoServer(MotoServer):
    """The plugin sends no key without TLS."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.certificate = certificate(folder)
        self._command += ["-c", str(self.certificate), "-k", str(self.certificate)]
        self.endpoint = self.endpoint.replace("http://", "https://")


def certificate(folder: Path) -> Path:
    """A certificate that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(tz=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    made = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, *form) + made.public_bytes(serialization.Encoding.PEM)
    path = folder / "certificate.pem"
    path.write_bytes(pem)
    return path


@pytest.fixture(scope="module")
def encrypting(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[TlsMotoServer, FlinkCluster]]:
    folder = tmp_path_factory.mktemp("kms")
    server = TlsMotoServer(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (server.environment | {"AWS_CA_BUNDLE": str(server.certificate)}).items():
            patch.setenv(name, value)
        server.start()
        try:
            for bucket in (BUCKET, RESTRICTED):
                server.create_bucket(bucket)
            with flink_cluster(folder / "cluster", 1, options=options(server)) as cluster:
                yield server, cluster
        finally:
            server.stop()


def options(server: TlsMotoServer) -> dict[str, str]:
    """The shipped configuration of S3, with the names filled in."""
    shipped = YAML(typ="safe").load(ROOT / "conf" / "flink.yaml")
    trusting = dict.fromkeys(("env.java.opts.jobmanager", "env.java.opts.taskmanager"), TRUSTING)
    names = {"s3.encryption.key": KEY, "s3.endpoint.region": server.region}
    places = {"s3.endpoint": server.endpoint, "s3.path.style.access": "true"}
    checkpoints = {"execution.checkpointing.dir": f"s3://{BUCKET}/checkpoints"}
    return {k: v for k, v in shipped.items() if k.startswith("s3.")} | names | places | checkpoints | trusting


def test_every_object_has_the_key(
    encrypting: tuple[TlsMotoServer, FlinkCluster], stream: Kinesis, tmp_path: Path
) -> None:
    store, cluster = encrypting
    stream.create_stream("encrypted")
    live = Live(tmp_path, store, cluster, "encrypted", from_kinesis(stream, "encrypted"))  # type: ignore[arg-type]
    live.settings["storage"]["s3"]["kms_key"] = KEY
    live.agents.write_text("agent_id,extension\nnurse-1,0001\n")
    job = live.submit()
    stream.put("encrypted", [(payload(), "key"), (b"oops", "key")])
    places = [(BUCKET, "encrypted/ledger/outcomes/"), (BUCKET, "checkpoints/"), (RESTRICTED, "encrypted/quarantine/")]
    for bucket, prefix in [*places, (RESTRICTED, "encrypted/archive/")]:
        await_that(f"something is in {prefix}", lambda b=bucket, p=prefix: keys(store, b, p), log=cluster.logs)
    cluster.cancel(job)
    for bucket in (BUCKET, RESTRICTED):
        for key in keys(store, bucket):
            head = store.client().head_object(Bucket=bucket, Key=key)
            assert (head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")) == ("aws:kms", KEY), key


def keys(store: MotoServer, bucket: str, prefix: str = "") -> list[str]:
    """The names of all objects below a prefix."""
    found = store.client().list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return [entry["Key"] for entry in found]
