"""Documents of a version: a draft and its files in; the manifest and the audit that tell of them out."""

from jobs.releases.candidate import Draft
from jobs.releases.contract import csv_form, manifest_columns
from jobs.settings.digests import agents_digest, settings_digest, software_version
from jobs.settings.settings import Settings
from jobs.sql.date_tables import Workbench
from schemas.manifest import Attempt, Audit, Manifest, ReleasedFile
from sinks.paths import names_digest
from sinks.release import digest
from transforms.records.extension import AgentHistory


def manifest_of(
    draft: Draft, bench: Workbench, files: dict[str, bytes], settings: Settings, agents: AgentHistory
) -> Manifest:
    """The manifest of a version with these files."""
    earliest, latest = bench.span()
    return Manifest(
        contract=draft.contract.name,
        previous_contract=draft.previous_contract,
        previous_manifest_sha256=draft.previous_manifest_sha256,
        billing_date=draft.billing_date,
        version=draft.version,
        amends=draft.amends,
        time_zone=settings.billing.time_zone,
        files=tuple(
            ReleasedFile(name, len(data), _rows(name, draft), digest(data)) for name, data in sorted(files.items())
        ),
        control=draft.control,
        amendments=draft.amendments,
        warnings=bench.warnings(),
        earliest_initiated_at=earliest,
        latest_initiated_at=latest,
        expectations=draft.expectations,
        columns=manifest_columns(draft.contract),
        csv=csv_form(draft.contract),
        ledger_rows=draft.ledger_rows,
        ledger_digest=draft.ledger_digest,
        agents_digest=agents_digest(agents),
        settings_digest=settings_digest(settings, draft.contract),
        software_version=software_version(),
    )


def audit_of(draft: Draft, bench: Workbench) -> Audit:
    """The audit of a version, made or not."""
    return Audit(
        billing_date=draft.billing_date,
        version=draft.version,
        failures=draft.failures,
        control=draft.control,
        amendments=draft.amendments,
        expectations=draft.expectations + draft.trailing,
        ledger=draft.ledger,
        warnings=bench.warnings() | {rule: len(found) for rule, found in draft.chains.items()},
        chains=draft.chains,
    )


def attempt_of(draft: Draft, version: int) -> Attempt:
    """What the try came to, after which this version is the newest."""
    return Attempt(draft.billing_date, version, draft.failures, draft.control, names_digest(draft.names))


def _rows(name: str, draft: Draft) -> int:
    return sum(draft.amendments.values()) if name == "amendments.csv" else draft.control.billed
