"""The results of contacts: every reason has one, or is not of a patient."""

from schemas.outcome import REASONS
from transforms.report.service import NOT_OF_PATIENTS, RESULT_OF_REASON, RESULTS


def test_every_reason_has_a_result_or_is_not_of_a_patient() -> None:
    assert sorted([*RESULT_OF_REASON, *NOT_OF_PATIENTS]) == sorted(filter(None, REASONS["excluded"]))
    assert set(RESULT_OF_REASON.values()) <= set(RESULTS)
