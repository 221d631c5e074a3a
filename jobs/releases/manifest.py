"""Build the documents of a version: its manifest, its audit, and the result of the last attempt."""

from jobs.releases.audit import Audited
from jobs.releases.candidate import Candidate
from jobs.releases.contract import csv_form, manifest_columns
from jobs.settings.digests import agents_digest, settings_digest, software_version
from jobs.settings.settings import Settings
from schemas.manifest import Attempt, Audit, Manifest, ReleasedFile
from sinks.paths import names_digest
from sinks.release import digest
from transforms.records.extension import AgentHistory


def build_manifest(audited: Audited, files: dict[str, bytes], settings: Settings, agents: AgentHistory) -> Manifest:
    """Return the manifest of a version with these files."""
    candidate = audited.candidate
    return Manifest(
        contract=candidate.contract.name,
        previous_contract=candidate.previous_contract,
        previous_manifest_sha256=candidate.previous.manifest_sha256,
        billing_date=candidate.billing_date,
        version=candidate.version,
        amends=candidate.amends,
        time_zone=settings.billing.time_zone,
        files=tuple(
            ReleasedFile(name, len(data), _rows(name, candidate), digest(data)) for name, data in sorted(files.items())
        ),
        control=candidate.control,
        amendments=candidate.amendments,
        warnings=audited.warnings,
        earliest_initiated_at=audited.earliest_initiated_at,
        latest_initiated_at=audited.latest_initiated_at,
        expectations=audited.expectations,
        columns=manifest_columns(candidate.contract),
        csv=csv_form(candidate.contract),
        ledger_rows=audited.ledger_rows,
        ledger_digest=audited.ledger_digest,
        agents_digest=agents_digest(agents),
        settings_digest=settings_digest(settings, candidate.contract),
        software_version=software_version(),
    )


def build_audit(audited: Audited) -> Audit:
    """Return the audit of a version, published or not."""
    candidate = audited.candidate
    return Audit(
        billing_date=candidate.billing_date,
        version=candidate.version,
        failures=audited.failures,
        control=candidate.control,
        amendments=candidate.amendments,
        expectations=audited.expectations + audited.trailing,
        ledger=audited.ledger,
        warnings=audited.warnings | {rule: len(findings) for rule, findings in audited.chains.items()},
        chains=audited.chains,
    )


def build_attempt(candidate: Candidate, version: int, failures: tuple[str, ...] = ()) -> Attempt:
    """Return the result of an attempt after which `version` is the newest."""
    return Attempt(candidate.billing_date, version, failures, candidate.control, names_digest(candidate.objects))


def _rows(name: str, candidate: Candidate) -> int:
    return sum(candidate.amendments.values()) if name == "amendments.csv" else candidate.control.billed
