"""The tables that the live job writes, and when a date closes."""

from jobs.ingest.live.tables import Paths, closing, inserts, sink_tables
from jobs.settings.connections import Stream


def test_only_an_archive_that_is_named_is_written() -> None:
    for archive in ("", "s3://b/archive"):
        paths = Paths("s3://b/ledger", "s3://q/quarantine", archive)
        written = " ".join([*sink_tables(paths, Stream(), "UTC"), *inserts(paths)])
        assert ("INSERT INTO archive" in written) == ("'s3://b/archive'" in written) == bool(archive)


def test_a_date_closes_after_its_end_in_its_zone() -> None:
    options = closing(Stream(close_delay_minutes=90), "America/New_York")
    assert options["sink.partition-commit.delay"] == "1530 min"
    assert options["sink.partition-commit.watermark-time-zone"] == "America/New_York"
