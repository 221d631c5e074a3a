"""Places: --out for all, or what the settings name; nothing else lies in the partner's place."""

from pathlib import Path

import pytest

from jobs.releases.publisher import publisher_at
from jobs.settings.connections import S3, Storage
from jobs.settings.locations import agents_uri, resolve_locations
from jobs.settings.settings import Settings
from schemas.errors import SettingsError
from tests.support.ledgers import NO_AGENTS


def storage(tmp_path: Path, **other: str) -> Storage:
    named = {kind: str(tmp_path / kind) for kind in ("ledger", "release", "audit")}
    return Storage(**{**named, **other})


def test_out_wins_over_all_that_the_settings_name(tmp_path: Path) -> None:
    found = resolve_locations(storage(tmp_path, quarantine="s3://restricted/x"), tmp_path / "out")
    assert {path.parent for path in found.folders()} == {tmp_path / "out"}
    assert found.open_ledger(Settings()).store.location("") == str(tmp_path / "out" / "ledger")


def test_the_settings_name_the_places(tmp_path: Path) -> None:
    found = resolve_locations(storage(tmp_path, quarantine=str(tmp_path / "restricted")), None)
    found.check()
    ledger = found.open_ledger(Settings())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ledger"]
    publisher_at(found, ledger, Settings(), NO_AGENTS)


@pytest.mark.parametrize("kind", ["ledger", "release", "audit"])
def test_a_place_that_nobody_names(tmp_path: Path, kind: str) -> None:
    """Both ways out are told; a replay needs the ledger only."""
    found = resolve_locations(storage(tmp_path, **{kind: ""}), None)
    with pytest.raises(SettingsError, match=rf"storage\.{kind} in the settings, or give --out"):
        found.check()
    if kind != "ledger":
        found.check(release=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("release", "audit"), [("s3://b/x", "s3://b/x"), ("s3://b", "s3://b/audit"), ("/a/b/c/", "/a/b")]
)
def test_the_partners_place_is_for_nothing_else(release: str, audit: str) -> None:
    with pytest.raises(SettingsError, match=r"storage\.release and storage\.audit"):
        resolve_locations(Storage(ledger="s3://ledger", release=release, audit=audit), None)
    resolve_locations(Storage(ledger="s3://b/released", release="s3://b/release", audit="s3://b/audit"), None)


def test_who_says_where_the_agents_are() -> None:
    assert agents_uri("a.csv", Storage(agents="s3://b/agents.csv")) == "a.csv"
    assert agents_uri(None, Storage(agents="s3://b/agents.csv")) == "s3://b/agents.csv"
    with pytest.raises(SettingsError, match=r"--agents, or name storage\.agents"):
        agents_uri(None, Storage(s3=S3()))
