"""What goes wrong on S3: one line that says what could not be done, and which setting mends it."""

import pytest
from botocore import exceptions as boto

from schemas.errors import SettingsError, StorageError
from sinks.aws_errors import translate_s3_error

WHAT, SETTING = "cannot read s3://records/a", "storage.release"

CREDENTIALS = (
    *("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException", "ExpiredToken"),
    *("ExpiredTokenException", "InvalidToken", "InvalidClientTokenId", "UnrecognizedClientException"),
    *("MissingAuthenticationTokenException", "IncompleteSignatureException"),
)
# What a service answers, and what is said of it.
ANSWERED = [
    *(
        (code, SettingsError, f"the service refuses the credentials ({code}); set AWS_ACCESS_KEY_ID")
        for code in CREDENTIALS
    ),
    ("NoSuchBucket", SettingsError, "there is no such bucket; correct storage.release or make the bucket"),
    ("InvalidBucketName", SettingsError, "the bucket name is not valid; correct storage.release"),
    *(
        (code, SettingsError, f"the bucket is in another region ({code}); correct storage.s3.region")
        for code in (
            *("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"),
        )
    ),
    *(
        (code, SettingsError, f"the key cannot be used ({code}); correct storage.s3.kms_key or allow its use")
        for code in ("KMS.DisabledException", "KMS.NotFoundException")
    ),
    *(
        (
            code,
            SettingsError,
            "access denied; allow it in the role's or the bucket's policy, or correct storage.release",
        )
        for code in ("AccessDenied", "403", "AllAccessDisabled")
    ),
    ("SlowDown", StorageError, "(SlowDown); run again, or check [storage.s3] and storage.release"),
    ("", StorageError, "(no code); run again, or check [storage.s3] and storage.release"),
]
# What the library says before, or in the place of, an answer.
_SIGN = "; set AWS_ACCESS_KEY_ID"
UNANSWERED = [
    (boto.NoCredentialsError(), SettingsError, f"no credentials{_SIGN}"),
    (boto.PartialCredentialsError(provider="env", cred_var="x"), SettingsError, f"no credentials{_SIGN}"),
    (boto.CredentialRetrievalError(provider="x", error_msg="x"), SettingsError, f"no credentials{_SIGN}"),
    (boto.ProfileNotFound(profile="x"), SettingsError, f"no credentials (ProfileNotFound){_SIGN}"),
    (
        boto.TokenRetrievalError(provider="x", error_msg="x"),
        SettingsError,
        f"no credentials (TokenRetrievalError){_SIGN}",
    ),
    (boto.SSOTokenLoadError(error_msg="x"), SettingsError, f"no credentials (SSOTokenLoadError){_SIGN}"),
    (boto.ConfigParseError(path="x"), SettingsError, f"no credentials (ConfigParseError){_SIGN}"),
    (boto.NoRegionError(), SettingsError, "no region; set storage.s3.region, or AWS_REGION"),
    (boto.InvalidRegionError(region_name="x y"), SettingsError, "no region; set storage.s3.region, or AWS_REGION"),
    (boto.ParamValidationError(report="x"), SettingsError, "the name is not valid; correct storage.release"),
    (boto.ReadTimeoutError(endpoint_url="x"), StorageError, "no answer (ReadTimeoutError); check storage.s3.endpoint"),
    (
        boto.EndpointConnectionError(endpoint_url="x"),
        StorageError,
        "no answer (EndpointConnectionError); check storage.",
    ),
    (
        boto.IncompleteReadError(actual_bytes=1, expected_bytes=2),
        StorageError,
        "no answer (IncompleteReadError); check",
    ),
    (ValueError("x"), SettingsError, "the endpoint is not a URL; correct storage.s3.endpoint"),
    (boto.BotoCoreError(), StorageError, "(BotoCoreError); check [storage.s3] and storage.release"),
]


def client_error(code: str) -> boto.ClientError:
    return boto.ClientError({"Error": {"Code": code, "Message": "MARK-7f3"} if code else {}}, "GetObject")


@pytest.mark.parametrize(("code", "kind", "words"), ANSWERED, ids=[code or "no code" for code, *_ in ANSWERED])
def test_what_a_service_answers(code: str, kind: type[Exception], words: str) -> None:
    error = translate_s3_error(client_error(code), WHAT, SETTING)
    assert type(error) is kind
    assert str(error).startswith(WHAT)
    assert words in str(error)
    assert "MARK" not in str(error)


@pytest.mark.parametrize(
    ("raised", "kind", "words"), UNANSWERED, ids=[type(error).__name__ for error, *_ in UNANSWERED]
)
def test_what_the_library_says(raised: Exception, kind: type[Exception], words: str) -> None:
    error = translate_s3_error(raised, WHAT, SETTING)
    assert type(error) is kind
    assert str(error).removeprefix(WHAT).lstrip(": ").startswith(words)
