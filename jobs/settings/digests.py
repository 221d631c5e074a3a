"""Identify what decides a release: digests of settings and agents' history, and the software's version."""

import hashlib
from typing import Any

import msgspec

from jobs.settings.settings import Settings
from schemas.billing_rules import Rules
from schemas.contract import Contract
from transforms.records.extension import AgentHistory


def rules_digest(settings: Settings) -> str:
    """Return the digest of the settings that decide the outcome of a record."""
    # Only a release decides on consult legs: another choice must not have every file read again.
    return _digest(msgspec.structs.replace(settings.rules, consult_legs=Rules().consult_legs))


def settings_digest(settings: Settings, contract: Contract) -> str:
    """Return the digest of the settings that decide what is billed, how it is checked, and what is published."""
    return _digest([settings.rules, settings.gate, contract, settings.release.not_billed])


def all_settings_digest(settings: Settings) -> str:
    """Return the digest of all settings."""
    return _digest(settings)


def agents_digest(agents: AgentHistory) -> str:
    """Return the digest of the agents' history."""
    return _digest(sorted(msgspec.structs.astuple(a) for a in agents.assignments))


def software_version() -> str:
    """Return the version of the installed package."""
    from importlib.metadata import version

    return version("contact-billing")


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()
