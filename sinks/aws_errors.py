"""Translate botocore errors into one-line messages that name the setting to fix.

Every service has its own error codes; its caller maps those.
"""

from collections.abc import Callable
from typing import Any

from schemas.errors import ContactBillingError, SettingsError, StorageError

HOW_TO_SIGN = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
# Error codes about credentials; every service has its own.
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
_REGION = ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301")

ServiceError = Callable[[str, str, str], ContactBillingError]


def translate_error(
    error: Exception, failure: str, setting: str, section: str, on_service_error: ServiceError
) -> ContactBillingError:
    """Return the user's error for an error of botocore.

    `failure` says what failed ("cannot read ..."), `setting` names the setting of the location, `section` the one that
    has the endpoint and the region; `on_service_error` maps a service's own code, given the code, `failure` and
    `setting`. Of the service's error only the code is shown: its message is the server's text.
    """
    from botocore import exceptions as boto  # type: ignore[import-untyped, unused-ignore]

    match error:
        case boto.ClientError():
            code = error.response["Error"].get("Code", "")
            if code in CREDENTIALS:
                return SettingsError(f"{failure}: the service refuses the credentials ({code}); {HOW_TO_SIGN}")
            return on_service_error(code, failure, setting)
        case boto.NoCredentialsError() | boto.PartialCredentialsError() | boto.CredentialRetrievalError():
            return SettingsError(f"{failure}: no credentials; {HOW_TO_SIGN}")
        case boto.ProfileNotFound() | boto.TokenRetrievalError() | boto.SSOError() | boto.ConfigParseError():
            return SettingsError(f"{failure}: no credentials ({_name(error)}); {HOW_TO_SIGN}")
        case boto.NoRegionError() | boto.InvalidRegionError():
            return SettingsError(f"{failure}: no region; set {section}.region, or AWS_REGION")
        case boto.ParamValidationError():
            return SettingsError(f"{failure}: the name is not valid; correct {setting}")
        case boto.HTTPClientError() | boto.ConnectionError() | boto.IncompleteReadError():
            return StorageError(f"{failure}: no answer ({_name(error)}); check {section}.endpoint and the network")
        case ValueError():
            # boto3 raises it for an endpoint that is not a URL.
            return SettingsError(f"{failure}: the endpoint is not a URL; correct {section}.endpoint")
        case _:
            return StorageError(f"{failure} ({_name(error)}); check [{section}] and {setting}")


def translate_s3_error(error: Exception, failure: str, setting: str) -> ContactBillingError:
    """Return the user's error for an error of S3; `failure` and `setting` as in `translate_error`."""
    return translate_error(error, failure, setting, "storage.s3", _s3_error)


def _s3_error(code: str, failure: str, setting: str) -> ContactBillingError:
    if code == "NoSuchBucket":
        return SettingsError(f"{failure}: there is no such bucket; correct {setting} or make the bucket")
    if code == "InvalidBucketName":
        return SettingsError(f"{failure}: the bucket name is not valid; correct {setting}")
    if code in _REGION:
        return SettingsError(f"{failure}: the bucket is in another region ({code}); correct storage.s3.region")
    if code.startswith("KMS"):
        return SettingsError(f"{failure}: the key cannot be used ({code}); correct storage.s3.kms_key or allow its use")
    if code in ("AccessDenied", "403", "AllAccessDisabled"):
        return SettingsError(
            f"{failure}: access denied; allow it in the role's or the bucket's policy, or correct {setting}"
        )
    return StorageError(f"{failure} ({code or 'no code'}); run again, or check [storage.s3] and {setting}")


def _name(error: Any) -> str:
    return type(error).__name__
