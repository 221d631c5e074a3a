"""What went wrong on S3: an error of the client library in, one line that names the setting out.

Only the error's code is told: its message is the server's.
"""

from typing import Any

from schemas.errors import ContactBillingError, SettingsError, StorageError

_CREDENTIALS = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "UnrecognizedClientException",
)
_REGION = ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301")
_HOW_TO_SIGN = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"


def told(error: Exception, what: str, setting: str) -> ContactBillingError:
    """The user's error for an error of botocore; `what` could not be done, `setting` names the place."""
    from botocore import exceptions as boto  # type: ignore[import-untyped, unused-ignore]

    match error:
        case boto.ClientError():
            return _answered(error.response["Error"].get("Code", ""), what, setting)
        case boto.NoCredentialsError() | boto.PartialCredentialsError() | boto.CredentialRetrievalError():
            return SettingsError(f"{what}: no credentials; {_HOW_TO_SIGN}")
        case boto.ProfileNotFound() | boto.TokenRetrievalError() | boto.SSOError() | boto.ConfigParseError():
            return SettingsError(f"{what}: no credentials ({_name(error)}); {_HOW_TO_SIGN}")
        case boto.NoRegionError() | boto.InvalidRegionError():
            return SettingsError(f"{what}: no region; set storage.s3.region, or AWS_REGION")
        case boto.ParamValidationError():
            return SettingsError(f"{what}: that is no name of a bucket or an object; correct {setting}")
        case boto.HTTPClientError() | boto.ConnectionError() | boto.IncompleteReadError():
            return StorageError(
                f"{what}: the store does not answer ({_name(error)}); check storage.s3.endpoint and the network"
            )
        case ValueError():
            # What boto3 says of an endpoint that is no URL.
            return SettingsError(f"{what}: the endpoint is no URL; correct storage.s3.endpoint")
        case _:
            return StorageError(f"{what} ({_name(error)}); check [storage.s3] and {setting}")


def _answered(code: str, what: str, setting: str) -> ContactBillingError:
    if code == "NoSuchBucket":
        return SettingsError(f"{what}: there is no such bucket; correct {setting} or make the bucket")
    if code == "InvalidBucketName":
        return SettingsError(f"{what}: that is no name of a bucket; correct {setting}")
    if code in _CREDENTIALS:
        return SettingsError(f"{what}: the store refuses the credentials ({code}); {_HOW_TO_SIGN}")
    if code in _REGION:
        return SettingsError(f"{what}: the bucket is in another region ({code}); correct storage.s3.region")
    if code.startswith("KMS"):
        return SettingsError(f"{what}: the key cannot be used ({code}); correct storage.s3.kms_key or allow its use")
    if code in ("AccessDenied", "403", "AllAccessDisabled"):
        return SettingsError(
            f"{what}: access denied; allow it in the role's or the bucket's policy, or correct {setting}"
        )
    return StorageError(f"{what} ({code or 'no code'}); run again, or check [storage.s3] and {setting}")


def _name(error: Any) -> str:
    return type(error).__name__
