"""Reading the voicemail solution's table, from answers as DynamoDB gives them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.agents.dynamodb import scan
from jobs.settings.connections import Agents
from schemas.errors import InputError, SettingsError, StorageError
from tests.services.relay import Relay, relay
from tests.support.tables import Row, cases

THROTTLED = "ProvisionedThroughputExceededException"

# What DynamoDB answers with: exit code and what is said.
REFUSALS = """
| code                        | error         | says                                                             |
|-----------------------------|---------------|------------------------------------------------------------------|
| ResourceNotFoundException   | SettingsError | there is no such table in this region; correct agents.table      |
| ValidationException         | SettingsError | that is not a table name; correct agents.table                   |
| AccessDeniedException       | SettingsError | access denied; allow the role dynamodb:Scan on it                |
| UnrecognizedClientException | SettingsError | the service refuses the credentials (UnrecognizedClientException |
| ExpiredTokenException       | SettingsError | the service refuses the credentials (ExpiredTokenException       |
| InvalidSignatureException   | SettingsError | set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY                  |
| SomethingNewException       | StorageError  | (SomethingNewException); run again, or check [agents]            |
"""

# Items of three, of which one is wrong: MARK stands for what no message may tell.
WRONG = {
    "1 of 3 items have no agentId": {"extension": {"S": "MARK"}},
    "1 of 3 items have no agentId; name": {"agentId": {"S": ""}, "extension": {"S": "MARK"}},
    "1 of 3 items have no agentId; name the table": {"agentId": {"N": "98761"}},
    "1 of 3 items have an extension that is not a text": {"agentId": {"S": "MARK"}, "extension": {"N": "98761"}},
    "1 of 3 items have an extension that is not a text, or is too long": {
        "agentId": {"S": "MARK"},
        "extension": {"L": []},
    },
    "because leading zeros matter": {"agentId": {"S": "a"}, "extension": {"S": "98761" * 201}},
    "1 of 3 items contradict another one": {"agentId": {"S": "a"}, "extension": {"S": "MARK"}},
    "contradict another one with the same agentId": {"agentId": {"S": "a"}},
}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    for name, value in {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with relay() as running:
        yield running


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited between attempts."""
    waited: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waited.append)
    return waited


def agents(service: Relay, **other: str) -> Agents:
    return Agents(**{"table": "voicemail", "region": "us-east-1", "endpoint": service.endpoint, **other})


def item(agent_id: str, extension: str | None = None) -> dict[str, Any]:
    return {"agentId": {"S": agent_id}, **({} if extension is None else {"extension": {"S": extension}})}


def page(*items: dict[str, Any], last: str = "") -> tuple[int, dict[str, Any]]:
    more = {"LastEvaluatedKey": {"agentId": {"S": last}}} if last else {}
    return 200, {"Items": items, "Count": len(items), "ScannedCount": len(items), **more}


def one_line(error: pytest.ExceptionInfo[Exception], *words: str) -> None:
    text = str(error.value)
    assert "\n" not in text
    assert [word for word in words if word not in text] == [], text
    assert [word for word in ("planted-message", "98761", "MARK") if word in text] == [], text


def test_all_pages_are_read_and_only_what_is_needed_is_asked_for(table: Relay) -> None:
    """Also a page without items, as there may be."""
    table.prepared = [page(item("a", "01"), last="a"), page(last="b"), page(item("c", "3"), item("b", "3"))]
    assert scan(agents(table)) == {"a": "01", "c": "3", "b": "3"}
    starts = [asked.pop("ExclusiveStartKey", None) for asked in table.asked]
    assert starts == [None, {"agentId": {"S": "a"}}, {"agentId": {"S": "b"}}]
    names = {"#agent": "agentId", "#extension": "extension"}
    asked = {"TableName": "voicemail", "ConsistentRead": True, "ExpressionAttributeNames": names}
    assert table.asked == [{**asked, "ProjectionExpression": "#agent, #extension"}] * 3


def test_agents_without_an_extension_are_none(table: Relay) -> None:
    table.prepared = [page(item("a"), item("b", ""), {"agentId": {"S": "c"}, "extension": {"NULL": True}})]
    assert scan(agents(table)) == {}


def test_the_same_item_once_more_is_no_contradiction(table: Relay) -> None:
    table.prepared = [page(item("a", "1"), item("b"), last="b"), page(item("b"), item("a", "1"))]
    assert scan(agents(table)) == {"a": "1"}


@pytest.mark.parametrize("complaint", WRONG)
def test_a_table_that_is_not_the_solutions(table: Relay, complaint: str) -> None:
    table.prepared = [page(item("a", "1"), item("b"), WRONG[complaint])]
    with pytest.raises(InputError) as error:
        scan(agents(table), "--table")
    one_line(error, complaint, "voicemail table voicemail")


def test_throttling_is_waited_for(table: Relay, waits: list[float]) -> None:
    table.refuse(THROTTLED, 2)
    table.prepared.append(page(item("a", "1"), last="a"))
    table.refuse("ThrottlingException", 2)
    table.prepared.append(page(item("b", "2")))
    assert scan(agents(table)) == {"a": "1", "b": "2"}
    assert len(table.asked) == 6
    assert len(waits) == 4


@pytest.mark.parametrize("code", [THROTTLED, "ThrottlingException", "RequestLimitExceeded"])
def test_throttling_that_does_not_end(table: Relay, waits: list[float], code: str) -> None:
    table.refuse(code, 50)
    with pytest.raises(StorageError) as error:
        scan(agents(table))
    one_line(error, "voicemail", f"still throttled after 10 attempts ({code})", "run again later", "capacity")
    assert len(table.asked) == 10
    assert len(waits) == 9


@pytest.mark.parametrize("row", cases(REFUSALS))
def test_what_dynamodb_refuses(table: Relay, row: Row) -> None:
    table.refuse(row["code"])
    with pytest.raises((SettingsError, StorageError)) as error:
        scan(agents(table))
    assert type(error.value).__name__ == row["error"]
    one_line(error, row["says"], "cannot read the voicemail table voicemail")


def test_errors_name_the_option_that_gave_the_table(table: Relay) -> None:
    table.refuse("ResourceNotFoundException")
    with pytest.raises(SettingsError) as error:
        scan(agents(table), "--table")
    one_line(error, "correct --table or agents.region")


@pytest.mark.parametrize(
    ("other", "kind", "words"),
    [
        ({"table": ""}, SettingsError, ("--table", "agents.table")),
        ({"region": ""}, SettingsError, ("no region", "agents.region")),
        ({"endpoint": "localhost without a scheme"}, SettingsError, ("agents.endpoint",)),
        ({"endpoint": "http://127.0.0.1:9"}, StorageError, ("no answer", "agents.endpoint")),
    ],
)
def test_settings_that_cannot_work(
    table: Relay, waits: list[float], other: dict[str, str], kind: type[Exception], words: tuple[str, ...]
) -> None:
    with pytest.raises(kind) as error:
        scan(agents(table, **other))
    one_line(error, *words)


def test_no_credentials(table: Relay, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.delenv(f"AWS_{name}")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(SettingsError) as error:
        scan(agents(table))
    one_line(error, "no credentials", "AWS_ACCESS_KEY_ID")
