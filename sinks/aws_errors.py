"""What went wrong at a service of Amazon's: an error of the client library in, one line that names the setting out.

What the service itself answers is left to its caller: every service has codes of its own.
"""

from collections.abc import Callable
from typing import Any

from schemas.errors import ContactBillingError, SettingsError, StorageError

HOW_TO_SIGN = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
# What services say of credentials, each in its own words.
CREDENTIALS = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidToken",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "MissingAuthenticationTokenException",
    "IncompleteSignatureException",
)

ServiceError = Callable[[str, str, str], ContactBillingError]


def translate_error(
    error: Exception, what: str, setting: str, section: str, answered: ServiceError
) -> ContactBillingError:
    """The user's error for an error of botocore.

    `what` could not be done, `setting` names the place, `section` has the endpoint and the region; `answered` makes
    the error of a service's code, from the code, `what` and `setting`. Only the code is told: the message that comes
    with it is the server's.
    """
    from botocore import exceptions as boto  # type: ignore[import-untyped, unused-ignore]

    match error:
        case boto.ClientError():
            code = error.response["Error"].get("Code", "")
            if code in CREDENTIALS:
                return SettingsError(f"{what}: the service refuses the credentials ({code}); {HOW_TO_SIGN}")
            return answered(code, what, setting)
        case boto.NoCredentialsError() | boto.PartialCredentialsError() | boto.CredentialRetrievalError():
            return SettingsError(f"{what}: no credentials; {HOW_TO_SIGN}")
        case boto.ProfileNotFound() | boto.TokenRetrievalError() | boto.SSOError() | boto.ConfigParseError():
            return SettingsError(f"{what}: no credentials ({_name(error)}); {HOW_TO_SIGN}")
        case boto.NoRegionError() | boto.InvalidRegionError():
            return SettingsError(f"{what}: no region; set {section}.region, or AWS_REGION")
        case boto.ParamValidationError():
            return SettingsError(f"{what}: there can be no such name; correct {setting}")
        case boto.HTTPClientError() | boto.ConnectionError() | boto.IncompleteReadError():
            return StorageError(f"{what}: no answer ({_name(error)}); check {section}.endpoint and the network")
        case ValueError():
            # What boto3 says of an endpoint that is no URL.
            return SettingsError(f"{what}: the endpoint is no URL; correct {section}.endpoint")
        case _:
            return StorageError(f"{what} ({_name(error)}); check [{section}] and {setting}")


def _name(error: Any) -> str:
    return type(error).__name__
