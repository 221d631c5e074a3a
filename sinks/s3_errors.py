"""What went wrong on S3: an error of the client library in, one line that names the setting out."""

from schemas.errors import ContactBillingError, SettingsError, StorageError
from sinks import aws_errors

_REGION = ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301")


def translate_s3_error(error: Exception, what: str, setting: str) -> ContactBillingError:
    """The user's error for an error of botocore; `what` could not be done, `setting` names the place."""
    return aws_errors.translate_error(error, what, setting, "storage.s3", _service_error)


def _service_error(code: str, what: str, setting: str) -> ContactBillingError:
    if code == "NoSuchBucket":
        return SettingsError(f"{what}: there is no such bucket; correct {setting} or make the bucket")
    if code == "InvalidBucketName":
        return SettingsError(f"{what}: that is no name of a bucket; correct {setting}")
    if code in _REGION:
        return SettingsError(f"{what}: the bucket is in another region ({code}); correct storage.s3.region")
    if code.startswith("KMS"):
        return SettingsError(f"{what}: the key cannot be used ({code}); correct storage.s3.kms_key or allow its use")
    if code in ("AccessDenied", "403", "AllAccessDisabled"):
        return SettingsError(
            f"{what}: access denied; allow it in the role's or the bucket's policy, or correct {setting}"
        )
    return StorageError(f"{what} ({code or 'no code'}); run again, or check [storage.s3] and {setting}")
