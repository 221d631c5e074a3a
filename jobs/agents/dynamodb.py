"""Read which agent has which extension now from the DynamoDB table of "Voicemail for Amazon Connect".

Nothing else of the table is fetched: it has names and mail addresses, too.
"""

from typing import Any

from jobs.runtime.progress import progress_bar
from jobs.settings.connections import Agents
from schemas.errors import ContactBillingError, InputError, SettingsError, StorageError
from sinks import aws_errors

# With waits of up to 20 seconds between them: it takes minutes to give up on a throttled table.
_ATTEMPTS = 10
_LONGEST_TEXT = 1000
_THROTTLED = (
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
)


def scan(agents: Agents, setting: str = "agents.table") -> dict[str, str]:
    """Return agent id to extension, of agents who have one, from a consistent read; errors name `setting`.

    Raises SettingsError if the table is not named, does not exist, or must not be read; InputError if it is not the
    solution's table; StorageError if DynamoDB does not answer, or keeps throttling.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped, unused-ignore]

    if not agents.table:
        raise SettingsError("no voicemail table: give --table, or name agents.table in the settings")
    failure = f"cannot read the voicemail table {agents.table}"
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
        with progress_bar("scan", "item") as bar:
            for page in pages:
                items += page["Items"]
                bar.update(len(page["Items"]))
    except (BotoCoreError, ClientError, ValueError) as error:
        raise aws_errors.translate_error(error, failure, setting, "agents", _service_error) from None
    return _extensions(items, failure, setting)


def _extensions(items: list[dict[str, Any]], failure: str, setting: str) -> dict[str, str]:
    """Agent id to extension; attributes come as {"S": text}."""
    extensions: dict[str, str] = {}
    without_id = invalid = contradictory = 0
    for item in items:
        agent_id, extension = _text(item.get("agentId")), _text(item.get("extension"))
        without_id += not agent_id
        invalid += extension is None
        contradictory += bool(agent_id) and extensions.setdefault(agent_id or "", extension or "") != extension
    if without_id:
        raise InputError(
            f"{failure}: {without_id} of {len(items)} items have no agentId; name the table of Voicemail for Amazon "
            f"Connect with {setting}"
        )
    if invalid:
        raise InputError(
            f"{failure}: {invalid} of {len(items)} items have an extension that is not a text, or is too long; "
            "write it as a string, because leading zeros matter"
        )
    if contradictory:
        raise InputError(
            f"{failure}: {contradictory} of {len(items)} items contradict another one with the same agentId; name the "
            f"table of Voicemail for Amazon Connect with {setting}"
        )
    return {agent_id: extension for agent_id, extension in extensions.items() if extension}


def _text(attribute: dict[str, Any] | None) -> str | None:
    """The text of an attribute without blanks around it, empty if it is missing; None if it is something else."""
    if attribute is None or attribute.get("NULL"):
        return ""
    value = attribute.get("S")
    return value.strip() if isinstance(value, str) and len(value) <= _LONGEST_TEXT else None


def _service_error(code: str, failure: str, setting: str) -> ContactBillingError:
    if code == "ResourceNotFoundException":
        return SettingsError(f"{failure}: there is no such table in this region; correct {setting} or agents.region")
    if code == "ValidationException":
        return SettingsError(f"{failure}: that is not a table name; correct {setting}")
    if code in ("AccessDeniedException", "AccessDenied", "403"):
        return SettingsError(f"{failure}: access denied; allow the role dynamodb:Scan on it, or correct {setting}")
    if code in _THROTTLED:
        return StorageError(
            f"{failure}: still throttled after {_ATTEMPTS} attempts ({code}); run again later, or raise its "
            "read capacity"
        )
    return StorageError(f"{failure} ({code or 'no code'}); run again, or check [agents] and {setting}")


def _client(agents: Agents) -> Any:
    import boto3
    from botocore.config import Config  # type: ignore[import-untyped, unused-ignore]

    config = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": _ATTEMPTS})
    return boto3.session.Session().client(
        "dynamodb", endpoint_url=agents.endpoint or None, region_name=agents.region or None, config=config
    )
