"""Storage locations on an S3 server: settings, a ledger, the partner's objects."""

from pathlib import Path

from jobs.settings.connections import S3, Storage
from jobs.settings.locations import resolve_locations
from jobs.settings.settings import Settings
from tests.services.s3 import AwsServer
from tests.support.backfills import RULES
from tests.support.ledgers import read_archive

BUCKETS = ("ledger", "restricted", "partner", "races")


def access(server: AwsServer, kms_key: str = "") -> S3:
    """How the server is reached."""
    return S3(endpoint=server.endpoint, region=server.region, path_style=True, kms_key=kms_key)


def storage(server: AwsServer, name: str, kms_key: str = "") -> Storage:
    """All places of one name."""
    return Storage(
        ledger=f"s3://ledger/{name}",
        quarantine=f"s3://restricted/{name}/",
        release=f"s3://partner/{name}/",
        audit=f"s3://ledger/{name}-audit",
        agents=f"s3://ledger/{name}-agents.csv",
        s3=access(server, kms_key),
    )


def settings_file(server: AwsServer, name: str, folder: Path, more: str = "", kms_key: str = "") -> Path:
    """The settings with these places, and an empty table of agents."""
    named = storage(server, name)
    text = "".join(f'{k} = "{getattr(named, k)}"\n' for k in ("ledger", "quarantine", "release", "audit", "agents"))
    text = f'[storage]\n{text}[storage.s3]\nendpoint = "{server.endpoint}"\nregion = "{server.region}"\n'
    path = folder / f"{len(list(folder.glob('*.toml')))}.toml"
    path.write_text(f'{text}path_style = true\nkms_key = "{kms_key}"\n[follow]\npoll_seconds = 1\n{more}')
    server.client().put_object(
        Bucket="ledger", Key=f"{name}-agents.csv", Body=b"agent_id,extension,valid_from,valid_to\n"
    )
    return path


def read(named: Storage, folder: Path, **files: bytes) -> None:
    """Files by name and content into the ledger, without Flink."""
    archive = folder / f"archive-{'-'.join(files)}"
    archive.mkdir()
    for name, data in files.items():
        (archive / name).write_bytes(data)
    results = read_archive(archive, resolve_locations(named, None).open_ledger(Settings()), settings=RULES)
    assert [result.error or result.bug for result in results] == [None] * len(files)


def fetched(server: AwsServer, name: str, folder: Path) -> Path:
    """The partner's objects as files."""
    for key in server.keys("partner", f"{name}/"):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(server.client().get_object(Bucket="partner", Key=key)["Body"].read())
    return folder / name
