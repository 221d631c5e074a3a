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
    "unit/test_oracle.py",
    "property/test_reference.py",
    "property/test_outcome.py",
)
_SPLITTING = (
    "spec/test_splitting.py",
    "spec/test_unreadable.py",
    "unit/test_reader.py",
    "property/test_splitting.py",
)
_RELEASE = (
    "spec/test_line.py",
    "spec/test_extension.py",
    "unit/test_verified.py",
    "spec/test_versions.py",
    "unit/test_amendments.py",
    "unit/test_release.py",
    "unit/test_contract.py",
    "unit/test_verify.py",
    "unit/test_recycle.py",
    "unit/test_chains.py",
    "property/test_balance.py",
    "property/test_releases.py",
)
_RECYCLING = ("unit/test_recycle.py", "unit/test_recycle_follow.py", "property/test_recycling.py")
_REPORT = ("report/test_roles.py", "report/test_figures.py", "report/test_flow.py", "report/test_service.py")
_AGENTS = (
    "unit/test_assignments.py",
    "unit/test_agents_sync.py",
    "unit/test_agents_check.py",
    "property/test_assignments.py",
)
_LEDGER = (
    "unit/test_closed.py",
    "unit/test_ledger.py",
    "unit/test_state.py",
    "unit/test_vanished.py",
    "unit/test_recycle.py",
    "unit/test_release.py",
)
_VERIFY = ("unit/test_verified.py", "unit/test_verify.py", "unit/test_contract.py", "unit/test_file_differences.py")
_S3 = ("unit/test_s3_errors.py", "unit/test_s3.py")

# A source that is not among them has no mutants.
PROTECTION: dict[str, tuple[str, ...]] = {
    "transforms/agents/checks.py": ("unit/test_agents_check.py",),
    "transforms/agents/sync.py": _AGENTS,
    "transforms/lines/chain_checks.py": ("unit/test_chains.py", "property/test_chains.py"),
    "transforms/records/classify.py": _RULES,
    "transforms/lines/control_totals.py": ("unit/test_console.py",),
    "transforms/lines/related_dates.py": ("unit/test_days.py", "unit/test_release.py"),
    "transforms/records/decode.py": (*_RULES, *_SPLITTING),
    "transforms/records/erase_phone.py": ("unit/test_erase.py",),
    "transforms/records/extension.py": (
        "spec/test_extension.py",
        "unit/test_agents.py",
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
        "unit/test_agents_sync.py",
        *_RULES,
    ),
    "transforms/lines/latest_version.py": _RELEASE,
    "transforms/records/json_objects.py": _SPLITTING,
    "transforms/records/outcome.py": (*_RULES, "report/test_service.py"),
    "transforms/records/recycle.py": _RECYCLING,
    "transforms/lines/recycled_rows.py": _RECYCLING,
    "transforms/agents/row_seals.py": ("unit/test_seals.py",),
    "transforms/records/split.py": _SPLITTING,
    "transforms/lines/file_checks.py": _VERIFY,
    "transforms/lines/line_versions.py": (*_RELEASE, "unit/test_file_differences.py"),
    "transforms/records/object_window.py": _SPLITTING,
    "transforms/lines/timestamp_format.py": ("unit/test_contract.py", "property/test_written.py"),
    "sinks/aws_errors.py": _S3,
    "sinks/date_gaps.py": ("unit/test_closed.py", "unit/test_follow.py"),
    "sinks/erasures.py": ("unit/test_erase.py",),
    "sinks/ledger.py": (*_LEDGER, "unit/test_erase.py"),
    "sinks/paths.py": ("unit/test_paths.py", *_LEDGER),
    "sinks/recycled_objects.py": _RECYCLING,
    "sinks/release.py": (
        "unit/test_release_folder.py",
        "unit/test_release.py",
        "unit/test_state.py",
        "property/test_publishing.py",
    ),
    "sinks/parquet.py": ("unit/test_ledger.py", "unit/test_threads.py", "unit/test_release.py"),
    "sinks/location.py": ("unit/test_location.py", "unit/test_places.py", "unit/test_s3.py"),
    "sinks/s3.py": _S3,
    "sinks/s3_errors.py": _S3,
    "sinks/store.py": ("unit/test_store.py", "unit/test_state.py", "unit/test_release_folder.py"),
    "jobs/releases/verify/against_ledger.py": ("unit/test_erase.py", "unit/test_verify.py"),
    "jobs/releases/gate.py": ("unit/test_audit.py", "unit/test_data_docs.py"),
    "sinks/audits.py": ("unit/test_vanished.py", "unit/test_state.py"),
    "jobs/releases/results.py": ("unit/test_console.py", "unit/test_chains.py"),
    "jobs/releases/verify/version_files.py": _VERIFY,
    "jobs/sql/ledger_rows.py": (*_RECYCLING, "unit/test_amendments.py"),
    "jobs/releases/audit.py": (*_RELEASE, "unit/test_vanished.py", "unit/test_erase.py"),
    "jobs/releases/candidate.py": (*_RELEASE, "unit/test_vanished.py", "unit/test_erase.py"),
    "jobs/sql/compared_lines.py": _RELEASE,
    "jobs/sql/recycled_rows.py": (*_RECYCLING, "unit/test_release.py"),
    "jobs/sql/connection.py": ("unit/test_sql.py", *_VERIFY, "unit/test_audit.py", "unit/test_release.py"),
    "jobs/releases/missing_objects.py": ("unit/test_vanished.py",),
    "jobs/releases/verify/version_chain.py": ("unit/test_erase.py", *_VERIFY),
    "jobs/releases/verify/verify.py": ("integration/test_verify_command.py",),
    "jobs/sql/date_tables.py": (*_RELEASE, "unit/test_chains.py"),
}
