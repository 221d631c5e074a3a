"""The table of "Voicemail for Amazon Connect" in DynamoDB: who has which extension now.

In: the settings of [agents]. Out: agent id to extension, of those who have one. Nothing else of the table is fetched:
it has names and mail addresses, too.
"""

from typing import Any

from jobs.runtime.progress import progress_bar
from jobs.settings.connections import Agents
from schemas.errors import ContactBillingError, InputError, SettingsError, StorageError
from sinks import aws_errors

# Waits of up to 20 seconds in between: minutes, until a throttled table is given up.
_ATTEMPTS = 10
_LONGEST = 1000
_THROTTLED = (
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
)


def scan(agents: Agents, setting: str = "agents.table") -> dict[str, str]:
    """Agent id to extension, of those who have one, from a consistent read; `setting` is what errors name.

    SettingsError: the table is not named, not there, or not to be read. InputError: it is not the solution's.
    StorageError: DynamoDB does not answer, or goes on throttling.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped, unused-ignore]

    if not agents.table:
        raise SettingsError("no voicemail table: give --table, or name agents.table in the settings")
    what = f"cannot read the voicemail table {agents.table}"
    try:
        pages = (
            _client(agents)
            .get_paginator("scan")
            .paginate(
                TableName=agents.table,
                ConsistentRead=True,
                ProjectionExpression="#agent, #extension",
                ExpressionAttributeNames={"#agent": "agentId", "#extension": "extension"},
            )
        )
        items: list[dict[str, Any]] = []
        with progress_bar("scan", "item") as shown:
            for page in pages:
                items += page["Items"]
                shown.update(len(page["Items"]))
    except (BotoCoreError, ClientError, ValueError) as error:
        raise aws_errors.translate_error(error, what, setting, "agents", _service_error) from None
    return _extensions(items, what, setting)


def _extensions(items: list[dict[str, Any]], what: str, setting: str) -> dict[str, str]:
    """What the items say; attributes come as {"S": text}."""
    found: dict[str, str] = {}
    strangers = numbers = twice = 0
    for item in items:
        agent_id, extension = _text(item.get("agentId")), _text(item.get("extension"))
        strangers += not agent_id
        numbers += extension is None
        twice += bool(agent_id) and found.setdefault(agent_id or "", extension or "") != extension
    if strangers:
        raise InputError(
            f"{what}: {strangers} of {len(items)} items have no agentId; name the table of Voicemail for Amazon "
            f"Connect with {setting}"
        )
    if numbers:
        raise InputError(
            f"{what}: {numbers} of {len(items)} items have an extension that is no text, or a long one; "
            "write it as a string, because leading zeros matter"
        )
    if twice:
        raise InputError(
            f"{what}: {twice} of {len(items)} items contradict another one with the same agentId; name the table of "
            f"Voicemail for Amazon Connect with {setting}"
        )
    return {agent_id: extension for agent_id, extension in found.items() if extension}


def _text(attribute: dict[str, Any] | None) -> str | None:
    """The text of an attribute, empty where there is none; None: it is something else."""
    if attribute is None or attribute.get("NULL"):
        return ""
    value = attribute.get("S")
    return value if isinstance(value, str) and len(value) <= _LONGEST else None


def _service_error(code: str, what: str, setting: str) -> ContactBillingError:
    if code == "ResourceNotFoundException":
        return SettingsError(f"{what}: there is no such table in this region; correct {setting} or agents.region")
    if code == "ValidationException":
        return SettingsError(f"{what}: that is no name of a table; correct {setting}")
    if code in ("AccessDeniedException", "AccessDenied", "403"):
        return SettingsError(f"{what}: access denied; allow the role dynamodb:Scan on it, or correct {setting}")
    if code in _THROTTLED:
        return StorageError(
            f"{what}: still throttled after {_ATTEMPTS} attempts ({code}); run again later, or raise its read capacity"
        )
    return StorageError(f"{what} ({code or 'no code'}); run again, or check [agents] and {setting}")


def _client(agents: Agents) -> Any:
    import boto3
    from botocore.config import Config  # type: ignore[import-untyped, unused-ignore]

    config = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": _ATTEMPTS})
    return boto3.session.Session().client(
        "dynamodb", endpoint_url=agents.endpoint or None, region_name=agents.region or None, config=config
    )
