"""Errors that a user can fix: a one-line message (what, where, and the fix) and an exit code.

Any other exception is a bug and keeps its traceback. No message contains a payload, a phone number or an
attribute's value.
"""


class ContactBillingError(Exception):
    """The base class of all errors that a user can fix."""

    exit_code = 1


class SettingsError(ContactBillingError):
    """A settings file, an environment variable or an option is wrong."""

    exit_code = 2


class InputError(ContactBillingError):
    """The archive or the agent-extension table cannot be used."""

    exit_code = 3


class AuditFailed(ContactBillingError):
    """A date failed its balance or its gate and was not published, or a table failed a strict check."""

    exit_code = 4


class StorageError(ContactBillingError):
    """The ledger, the release or the audit cannot be read or written."""

    exit_code = 5


class EngineFailed(ContactBillingError):
    """The Flink job failed; its logs are kept."""

    exit_code = 6


class VerificationFailed(ContactBillingError):
    """A release does not match its manifests or its ledger."""

    exit_code = 7
