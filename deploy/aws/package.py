"""The package for Managed Service for Apache Flink. In: this environment and the connectors. Out: one zip file.

    main.py              the entry point
    lib/connectors.jar   the one jar
    dep/…                our packages, and what they import that the service does not have

The same files give the same bytes. Packages are taken from the environment that runs this: Python 3.11 on Linux, as
the service has it.
"""

import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath

from deploy.requirements import needed

ROOT = Path(__file__).parents[2]
ENTRY = Path(__file__).with_name("main.py")
CONNECTORS = ROOT / "build" / "connectors.jar"
OURS = ("conf", "jobs", "schemas", "sinks", "transforms")
# Made-up records are for trials.
NOT_PACKAGED = "jobs/sample/"
# What the live job imports; the service has apache-flink, with everything that it needs itself.
NEEDED = ["boto3", "click", "msgspec", "pyarrow-hotfix", "tzdata"]
PROVIDED = ["apache-flink"]
# Of 300 services that boto3 knows, those of the live job.
SERVICES = ("kinesis", "s3", "sts", "sso", "sso-oidc")


def package(file: Path) -> None:
    """Writes the package. FileNotFoundError: the connectors were not made yet."""
    content = dict(sorted(members()))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, path in content.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())


def members() -> Iterator[tuple[str, Path]]:
    """The names in the package, and the files that have their content."""
    yield "main.py", ENTRY
    yield "lib/connectors.jar", CONNECTORS
    for folder in OURS:
        for path in (ROOT / folder).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and "__pycache__" not in path.parts and not name.startswith(NOT_PACKAGED):
                yield f"dep/{name}", path
    for name in sorted({*NEEDED, *needed(NEEDED) - needed(PROVIDED)}):
        for member in distribution(name).files or ():
            if _is_packaged(member):
                yield f"dep/{member.as_posix()}", Path(str(member.locate()))


def _is_packaged(member: PurePosixPath) -> bool:
    if "__pycache__" in member.parts or ".." in member.parts or member.name in ("RECORD", "INSTALLER", "REQUESTED"):
        return False
    data = member.parts[:2] == ("botocore", "data") and len(member.parts) > 3
    return not data or member.parts[2] in SERVICES


if __name__ == "__main__":
    package(Path(sys.argv[1]))
