"""Which tests stand for which source, the quickest first: those that have to notice its mutants, below tests/.

Services, clusters and processes of their own are left out: what only they notice comes too late for whoever changes
a line.
"""

_RULES = (
    "spec/test_outcomes.py",
    "spec/test_fields.py",
    "spec/test_no_agent.py",
    "spec/test_order.py",
    "spec/test_line.py",
    "spec/test_unreadable.py",
    "spec/test_extension.py",
    "spec/test_timestamps.py",
    "spec/test_billing_date.py",
    "oracle/test_oracle.py",
    "property/test_reference.py",
    "property/test_outcome.py",
)
_SPLITTING = (
    "spec/test_splitting.py",
    "spec/test_unreadable.py",
    "unit/jobs/ingest/archive/test_reader.py",
    "property/test_splitting.py",
)
_RELEASE = (
    "spec/test_line.py",
    "spec/test_extension.py",
    "unit/transforms/lines/test_file_checks.py",
    "spec/test_versions.py",
    "unit/jobs/releases/test_candidate.py",
    "unit/jobs/releases/test_publisher.py",
    "unit/jobs/releases/test_contract.py",
    "unit/jobs/releases/verify/test_release_verifier.py",
    "unit/jobs/releases/verify/test_against_ledger.py",
    "unit/jobs/suspense/test_recycle.py",
    "unit/transforms/lines/test_chain_checks.py",
    "property/test_balance.py",
    "property/test_releases.py",
)
_RECYCLING = (
    "unit/jobs/suspense/test_recycle.py",
    "unit/sinks/test_recycled_objects.py",
    "unit/jobs/releases/test_changed_dates.py",
    "unit/jobs/releases/test_follow.py",
    "property/test_recycling.py",
)
_REPORT = ("report/test_roles.py", "report/test_figures.py", "report/test_flow.py", "report/test_service.py")
_AGENTS = (
    "unit/transforms/agents/test_sync.py",
    "unit/jobs/agents/test_sync.py",
    "unit/jobs/agents/test_check.py",
    "property/test_assignments.py",
)
_LEDGER = (
    "unit/sinks/test_ledger.py",
    "unit/jobs/report/test_status.py",
    "unit/jobs/releases/test_missing_objects.py",
    "unit/jobs/suspense/test_recycle.py",
    "unit/jobs/releases/test_publisher.py",
)
_VERIFY = (
    "unit/transforms/lines/test_file_checks.py",
    "unit/jobs/releases/verify/test_release_verifier.py",
    "unit/jobs/releases/verify/test_against_ledger.py",
    "unit/jobs/releases/test_contract.py",
    "unit/transforms/lines/test_line_versions.py",
)
_S3 = ("unit/sinks/test_aws_errors.py", "unit/sinks/test_s3.py")

# A source that is not among them has no mutants.
PROTECTION: dict[str, tuple[str, ...]] = {
    "transforms/agents/checks.py": ("unit/transforms/agents/test_checks.py", "unit/jobs/agents/test_check.py"),
    "transforms/agents/sync.py": _AGENTS,
    "transforms/lines/chain_checks.py": ("unit/transforms/lines/test_chain_checks.py", "property/test_chains.py"),
    "transforms/lines/consult_legs.py": (
        "unit/transforms/lines/test_chain_checks.py",
        "unit/transforms/lines/test_consult_legs.py",
        "unit/jobs/releases/test_consult_legs.py",
        "property/test_chains.py",
    ),
    "transforms/records/classify.py": _RULES,
    "transforms/lines/control_totals.py": (
        "unit/transforms/lines/test_control_totals.py",
        "unit/jobs/releases/test_results.py",
    ),
    "transforms/lines/related_dates.py": (
        "unit/transforms/lines/test_related_dates.py",
        "unit/jobs/releases/test_publisher.py",
    ),
    "transforms/records/decode.py": (*_RULES, *_SPLITTING),
    "transforms/records/erase_phone.py": ("unit/transforms/records/test_erase_phone.py",),
    "transforms/records/extension.py": (
        "spec/test_extension.py",
        "unit/transforms/records/test_extension.py",
        "unit/jobs/agents/test_table.py",
        "property/test_extension.py",
        *_AGENTS,
    ),
    "transforms/report/query.py": _REPORT,
    "transforms/report/flow.py": _REPORT,
    "transforms/report/money.py": _REPORT,
    "transforms/report/service.py": _REPORT,
    "transforms/report/granted_columns.py": _REPORT,
    "transforms/records/timestamps.py": (
        "spec/test_timestamps.py",
        "spec/test_billing_date.py",
        "unit/jobs/agents/test_sync.py",
        *_RULES,
    ),
    "transforms/lines/latest_version.py": _RELEASE,
    "transforms/records/json_objects.py": _SPLITTING,
    "transforms/records/outcome.py": (*_RULES, "report/test_service.py"),
    "transforms/records/recycle.py": _RECYCLING,
    "transforms/lines/recycled_rows.py": _RECYCLING,
    "transforms/agents/row_seals.py": ("unit/transforms/agents/test_row_seals.py",),
    "transforms/records/split.py": _SPLITTING,
    "transforms/lines/file_checks.py": _VERIFY,
    "transforms/lines/line_versions.py": (*_RELEASE, "unit/transforms/lines/test_line_versions.py"),
    "transforms/records/object_window.py": _SPLITTING,
    "transforms/records/payloads.py": _SPLITTING,
    "transforms/records/envelopes.py": ("property/test_wrapped.py",),
    "transforms/lines/timestamp_format.py": (
        "unit/transforms/lines/test_timestamp_format.py",
        "unit/jobs/releases/test_contract.py",
        "property/test_timestamp_format.py",
    ),
    "sinks/aws_errors.py": _S3,
    "sinks/date_gaps.py": ("unit/sinks/test_ledger.py", "unit/jobs/releases/test_follow.py"),
    "sinks/erasures.py": ("unit/sinks/test_erasures.py",),
    "sinks/ledger_listing.py": _LEDGER,
    "sinks/ledger.py": (*_LEDGER, "unit/sinks/test_erasures.py"),
    "sinks/paths.py": ("unit/sinks/test_paths.py", *_LEDGER),
    "sinks/recycled_objects.py": _RECYCLING,
    "sinks/release.py": (
        "unit/sinks/test_release.py",
        "unit/jobs/releases/test_publisher.py",
        "unit/jobs/report/test_status.py",
        "property/test_publishing.py",
    ),
    "sinks/parquet.py": (
        "unit/sinks/test_ledger.py",
        "unit/sinks/test_parquet.py",
        "unit/jobs/releases/test_publisher.py",
    ),
    "sinks/location.py": (
        "unit/sinks/test_location.py",
        "unit/jobs/settings/test_locations.py",
        "unit/sinks/test_s3.py",
    ),
    "sinks/s3.py": _S3,
    "sinks/store.py": ("unit/sinks/test_store.py", "unit/jobs/report/test_status.py", "unit/sinks/test_release.py"),
    "jobs/releases/verify/against_ledger.py": ("unit/jobs/releases/verify/test_against_ledger.py",),
    "jobs/releases/gate.py": ("unit/jobs/releases/test_gate.py", "unit/jobs/releases/test_data_docs.py"),
    "sinks/audits.py": ("unit/jobs/releases/test_missing_objects.py", "unit/jobs/report/test_status.py"),
    "jobs/releases/results.py": (
        "unit/jobs/releases/test_results.py",
        "unit/jobs/releases/test_unknown_agents.py",
        "unit/transforms/lines/test_chain_checks.py",
    ),
    "jobs/releases/verify/version_files.py": _VERIFY,
    "jobs/sql/ledger_rows.py": (*_RECYCLING, "unit/jobs/releases/test_candidate.py"),
    "jobs/releases/audit.py": (
        *_RELEASE,
        "unit/jobs/releases/test_audit.py",
        "unit/jobs/releases/test_missing_objects.py",
    ),
    "jobs/releases/candidate.py": (
        *_RELEASE,
        "unit/jobs/releases/test_missing_objects.py",
    ),
    "jobs/sql/compared_lines.py": _RELEASE,
    "jobs/sql/recycled_rows.py": (*_RECYCLING, "unit/jobs/releases/test_publisher.py"),
    "jobs/sql/connection.py": (
        "unit/jobs/sql/test_connection.py",
        *_VERIFY,
        "unit/jobs/releases/test_gate.py",
        "unit/jobs/releases/test_publisher.py",
    ),
    "jobs/releases/missing_objects.py": ("unit/jobs/releases/test_missing_objects.py",),
    "jobs/releases/verify/release_verifier.py": _VERIFY,
    "jobs/releases/verify/version_chain.py": _VERIFY,
    "jobs/releases/verify/verify.py": ("integration/test_verify_command.py",),
    "jobs/sql/date_tables.py": (*_RELEASE, "unit/transforms/lines/test_chain_checks.py"),
}
