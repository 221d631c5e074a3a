"""A short form of `make faults`: one fault of each of the worst kinds."""

from pathlib import Path

from tests.faults.suite import SHORT, suite


def test_faults_cost_no_record_and_double_none(tmp_path: Path) -> None:
    report = suite(tmp_path, 11, SHORT, from_kafka=3000, from_kinesis=800, seconds=300)
    print(report)
    assert report.records >= 3800
    assert (report.lost, report.doubled, report.different, report.leaks) == (0, 0, [], [])
