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
_S3 = ("unit/test_s3.py",)

# A source that is not among them has no mutants.
PROTECTION: dict[str, tuple[str, ...]] = {
    "transforms/assignment_checks.py": ("unit/test_agents_check.py",),
    "transforms/assignments.py": _AGENTS,
    "transforms/chains.py": ("unit/test_chains.py", "property/test_chains.py"),
    "transforms/classify.py": _RULES,
    "transforms/control.py": ("unit/test_console.py",),
    "transforms/days.py": ("unit/test_days.py", "unit/test_release.py"),
    "transforms/decode.py": (*_RULES, *_SPLITTING),
    "transforms/erase.py": ("unit/test_erase.py",),
    "transforms/extension.py": (
        "spec/test_extension.py",
        "unit/test_agents.py",
        "property/test_extension.py",
        *_AGENTS,
    ),
    "transforms/figures.py": _REPORT,
    "transforms/figures_flow.py": _REPORT,
    "transforms/figures_money.py": _REPORT,
    "transforms/figures_service.py": _REPORT,
    "transforms/gathered.py": _REPORT,
    "transforms/instants.py": (
        "spec/test_timestamps.py",
        "spec/test_billing_date.py",
        "unit/test_agents_sync.py",
        *_RULES,
    ),
    "transforms/latest.py": _RELEASE,
    "transforms/objects.py": _SPLITTING,
    "transforms/outcome.py": (*_RULES, "report/test_service.py"),
    "transforms/recycle.py": _RECYCLING,
    "transforms/recycled.py": _RECYCLING,
    "transforms/seals.py": ("unit/test_seals.py",),
    "transforms/split.py": _SPLITTING,
    "transforms/verified.py": _VERIFY,
    "transforms/versions.py": (*_RELEASE, "unit/test_file_differences.py"),
    "transforms/window.py": _SPLITTING,
    "transforms/written.py": ("unit/test_contract.py", "property/test_written.py"),
    "sinks/aws_errors.py": _S3,
    "sinks/days.py": ("unit/test_closed.py", "unit/test_follow.py"),
    "sinks/erasures.py": ("unit/test_erase.py",),
    "sinks/ledger.py": (*_LEDGER, "unit/test_erase.py"),
    "sinks/names.py": _LEDGER,
    "sinks/recycled.py": _RECYCLING,
    "sinks/release.py": (
        "unit/test_release_folder.py",
        "unit/test_release.py",
        "unit/test_state.py",
        "property/test_publishing.py",
    ),
    "sinks/rows.py": ("unit/test_ledger.py", "unit/test_threads.py", "unit/test_release.py"),
    "sinks/s3.py": _S3,
    "sinks/s3_errors.py": _S3,
    "sinks/store.py": ("unit/test_store.py", "unit/test_state.py", "unit/test_release_folder.py"),
    "jobs/against_ledger.py": ("unit/test_erase.py", "unit/test_verify.py"),
    "jobs/audit.py": ("unit/test_audit.py", "unit/test_data_docs.py"),
    "jobs/audits.py": ("unit/test_vanished.py", "unit/test_state.py"),
    "jobs/console.py": ("unit/test_console.py", "unit/test_chains.py"),
    "jobs/contents.py": _VERIFY,
    "jobs/date_rows.py": (*_RECYCLING, "unit/test_amendments.py"),
    "jobs/draft.py": (*_RELEASE, "unit/test_vanished.py", "unit/test_erase.py"),
    "jobs/recycled_rows.py": (*_RECYCLING, "unit/test_release.py"),
    "jobs/sql.py": ("unit/test_sql.py", *_VERIFY, "unit/test_audit.py", "unit/test_release.py"),
    "jobs/vanished.py": ("unit/test_vanished.py",),
    "jobs/verifier.py": ("unit/test_erase.py", *_VERIFY),
    "jobs/verify.py": ("integration/test_verify_command.py",),
    "jobs/workbench.py": (*_RELEASE, "unit/test_chains.py"),
}
