"""What a user can cause: one line that says what, where and how to mend it, and an exit code.

Anything else that goes wrong is a bug and keeps its traceback. No message holds a payload, a phone
number or an attribute's value.
"""


class ContactBillingError(Exception):
    """The base of all errors that a user can mend."""

    exit_code = 1


class SettingsError(ContactBillingError):
    """A settings file, an environment variable or an option is wrong."""

    exit_code = 2


class InputError(ContactBillingError):
    """The archive or the agent-extension table cannot be used."""

    exit_code = 3


class AuditFailed(ContactBillingError):
    """A date did not pass its balance or its gate, and was not published; or a table did not pass a strict check."""

    exit_code = 4


class StorageError(ContactBillingError):
    """The ledger, the release or the audit cannot be read or written."""

    exit_code = 5


class EngineFailed(ContactBillingError):
    """Flink gave up; its logs are kept."""

    exit_code = 6


class VerificationFailed(ContactBillingError):
    """A release is not what its manifests say, or not what its ledger gives."""

    exit_code = 7
