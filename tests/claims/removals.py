"""The protections of SECURITY.md: how each is taken out of the sources, and the tests that have to fail then."""

from typing import NamedTuple


class Removal(NamedTuple):
    """A protection that is removed: in a file, a text that is there once becomes another. The test is below tests/."""

    file: str
    text: str
    becomes: str
    test: str


_PARTNER = (
    Removal(
        "jobs/releases/contract.py",
        "return Contract(name, columns, own.delimiter",
        'return Contract(name, SHIPPED["billing.v1"].columns, own.delimiter',
        "unit/jobs/releases/test_contract.py::test_a_contract_of_ones_own",
    ),
    Removal(
        "sinks/ledger.py",
        "self._quarantine.put(",
        "self.store.put(",
        "unit/sinks/test_ledger.py::test_the_ledger_holds_no_payload",
    ),
    Removal(
        "jobs/releases/verify/release_verifier.py",
        "elif digest(data) != file.sha256:",
        "elif False:",
        "unit/jobs/releases/verify/test_release_verifier.py::test_no_byte_changes_unseen",
    ),
    Removal(
        "sinks/release.py",
        'last_replaced, published = "", False',
        'last_replaced, published = "", self._store.put_new(manifest_name, json_text(manifest))',
        "property/test_releases.py::test_the_partner_always_sees_a_whole_version",
    ),
)

_OPERATOR = (
    Removal(
        "jobs/releases/verify/against_ledger.py",
        "if amendments:",
        "if False:",
        "unit/jobs/releases/verify/test_against_ledger.py::test_a_ledger_that_gives_other_lines",
    ),
    Removal(
        "jobs/agents/table_file.py",
        "        _check_seals(names, rows, path)\n",
        "        pass\n",
        "unit/transforms/agents/test_row_seals.py::test_an_edit_by_hand_is_refused",
    ),
    Removal(
        "jobs/releases/candidate.py",
        "refused_contract=settings_contract.name if contract != settings_contract else None,",
        "refused_contract=None,",
        "unit/jobs/releases/test_contract.py::test_a_change_within_a_date_is_refused_without_the_flag",
    ),
    Removal(
        "jobs/releases/audit.py",
        "missing = () if overrides.missing_objects else tuple(self._missing_objects(candidate, rows))",
        "missing = ()",
        "unit/jobs/releases/test_missing_objects.py::test_a_part_that_is_gone_stops_the_release",
    ),
    Removal(
        "sinks/store.py",
        "path.hardlink_to(partial)",
        "partial.replace(path)",
        "unit/sinks/test_store.py::test_put_new_does_not_replace",
    ),
    Removal(
        "sinks/s3.py",
        "self._put(name, data, **condition)",
        "self._put(name, data)",
        "integration/test_on_s3.py::test_releases_at_once_make_one_version",
    ),
    Removal(
        "jobs/cli/quarantine.py",
        "if not payload:",
        "if False:",
        "integration/test_suspense.py::test_show_tells_of_a_row_and_shows_its_payload_only_on_request",
    ),
    Removal(
        "jobs/report/granted_tables.py",
        "self.granted = granted",
        'self.granted = tuple({*granted, "talk_seconds"})',
        "report/test_roles.py::test_only_what_was_granted_is_there_to_be_asked",
    ),
    Removal(
        "jobs/report/http_server.py",
        "if host in _LOOPBACK and request_host not in _LOOPBACK:",
        "if False:",
        "report/test_command.py::test_it_answers_to_its_own_name_alone",
    ),
)

_INSIDER = (
    Removal(
        "transforms/records/outcome.py",
        "row.patient_phone = e164(record.customer_endpoint.address)",
        'row.patient_phone = __import__("os").write(2, record.customer_endpoint.address.encode()) and None',
        "integration/test_backfill.py::test_no_planted_value_is_told",
    ),
    Removal(
        "jobs/runtime/redaction.py",
        "raise RedactedError(redacted_traceback(bug)) from None",
        "raise",
        "unit/jobs/ingest/live/test_outcome_udf.py::test_a_bug_is_told_without_its_message",
    ),
    # What is logged; what is raised is withheld twice, by us and by what Beam tells of it.
    Removal(
        "jobs/runtime/logs.py",
        "_RedactingHandler(handler, lines)",
        "handler",
        "live/test_logs.py::test_a_bug_on_the_cluster_tells_nothing_of_a_payload",
    ),
    Removal(
        "jobs/runtime/logs.py",
        "if (beam := sys.modules.get(",
        "if (beam := {}.get(",
        "live/test_logs.py::test_what_goes_wrong_around_our_function_tells_nothing_of_a_payload",
    ),
    Removal(
        "jobs/runtime/log_format.py",
        "if isinstance(record.msg, Event) else REDACTED",
        "if isinstance(record.msg, Event) else str(record.msg)",
        "unit/jobs/runtime/test_logs.py::test_nothing_that_is_planted_is_told",
    ),
    Removal(
        "jobs/runtime/log_format.py",
        "return msgspec.convert(value, kind)",
        "return value",
        "unit/jobs/runtime/test_logs.py::test_no_field_holds_what_has_not_its_form",
    ),
    Removal(
        "jobs/runtime/redaction.py",
        "{type(error).__name__} (message withheld)",
        "{type(error).__name__} (message withheld) {error}",
        "unit/jobs/runtime/test_run_command.py::test_a_bug_of_a_command_keeps_its_frames_and_loses_its_message",
    ),
    Removal(
        "jobs/releases/gate.py",
        '"partial_unexpected_count": 0',
        '"partial_unexpected_count": 20',
        "unit/jobs/releases/test_gate.py::test_great_expectations_returns_no_value",
    ),
    Removal(
        "jobs/cli/metrics.py",
        'default="127.0.0.1:9300"',
        'default="0.0.0.0:9300"',
        "unit/jobs/report/test_prometheus.py::test_it_listens_on_loopback_unless_told_otherwise",
    ),
    Removal(
        "deploy/kubernetes/network.yaml",
        "# Prometheus.\n    - from:\n        - namespaceSelector:\n            matchLabels:\n"
        "              kubernetes.io/metadata.name: monitoring\n",
        "# Prometheus.\n    - from:\n        - namespaceSelector: {}\n",
        "deploy/test_kubernetes.py::test_who_is_scraped_can_be_reached_by_prometheus_alone",
    ),
    Removal(
        "transforms/records/erase_phone.py",
        "return numbers.sub(_replacement, payload)",
        "return payload",
        "operations/test_erase.py::test_nothing_holds_the_number_afterwards",
    ),
)

_PRODUCER = (
    Removal(
        "transforms/records/decode.py",
        "    except UnicodeDecodeError:\n        return False",
        "    except ZeroDivisionError:\n        return False",
        "property/test_outcome.py::test_any_bytes",
    ),
    Removal(
        "transforms/records/decode.py",
        "if _brackets(payload) <= MAX_NESTING:",
        "if True:",
        "spec/test_unreadable.py::test_the_deepest_record_does_not_depend_on_the_stack",
    ),
    Removal(
        "transforms/records/decode.py",
        "parse_int=_integer",
        "parse_int=float",
        "spec/test_fields.py::test_wrong_type",
    ),
    Removal(
        "transforms/records/decode.py",
        "and _is_utf8(text) and _brackets(text) <= MAX_NESTING:",
        "and _is_utf8(text):",
        "property/test_outcome.py::test_payloads_that_are_read_together_are_what_they_are_alone",
    ),
    Removal(
        "transforms/records/split.py",
        "if len(rest) > LINE_BYTES:",
        "if False:",
        "property/test_splitting.py::test_memory_stays_flat",
    ),
    Removal(
        "jobs/ingest/archive/compression/zstd_form.py",
        "except zstandard.ZstdError:",
        "except ZeroDivisionError:",
        "property/test_compression.py::test_hostile_members_never_raise",
    ),
    Removal(
        "jobs/ingest/archive/compression/gzip_form.py",
        "except zlib.error:",
        "except ZeroDivisionError:",
        "property/test_compression.py::test_a_broken_member_costs_no_other",
    ),
    Removal(
        "jobs/ingest/archive/containers/avro.py",
        "except Exception:",
        "except ZeroDivisionError:",
        "hostile/test_hostile.py::test_a_hostile_file_is_rows_with_reasons",
    ),
    Removal(
        "jobs/ingest/archive/containers/parquet.py",
        "except _ERRORS:\n            continue",
        "except ZeroDivisionError:\n            continue",
        "unit/jobs/ingest/archive/containers/test_parquet.py::test_a_broken_row_group_is_as_many_unreadable_payloads_and_costs_no_other",
    ),
    Removal(
        "jobs/ingest/archive/containers/parquet.py",
        "import pyarrow_hotfix",
        "import pyarrow",
        "unit/jobs/ingest/archive/containers/test_parquet.py::test_a_parquet_file_with_a_pickle_for_a_type_runs_no_code_and_is_a_payload",
    ),
    Removal(
        "schemas/data_rules.py",
        'if c.column.free and c.spreadsheet == "reject"',
        "if False",
        "unit/jobs/releases/test_contract.py::test_what_a_spreadsheet_would_run_stops_the_release",
    ),
    Removal(
        "transforms/records/extension.py",
        're.compile(r"[0-9]{1,5}")',
        're.compile(r".+")',
        "spec/test_extension.py::test_extension",
    ),
    Removal(
        "transforms/records/timestamps.py",
        "if len(text) <= _LENGTH:",
        "if True:",
        "spec/test_timestamps.py::test_texts_that_are_too_long_are_not_kept",
    ),
)

_THIEF = (
    Removal(
        "conf/flink.yaml",
        "\ns3.encryption.algorithm: SSE-KMS",
        "\n# s3.encryption.algorithm: SSE-KMS",
        "live/test_kms.py::test_every_object_has_the_key",
    ),
    Removal(
        "sinks/s3.py",
        '{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}',
        "{}",
        "integration/test_operating_on_s3.py::test_every_object_is_written_with_the_key",
    ),
    Removal(
        "jobs/releases/verify/version_chain.py",
        "if json_text(latest.sealed()) != self._latest:",
        "if False:",
        "unit/jobs/releases/verify/test_release_verifier.py::test_each_has_its_own_message",
    ),
    Removal(
        "jobs/releases/verify/against_ledger.py",
        "if erased and not erasures:",
        "if False:",
        "unit/jobs/releases/verify/test_against_ledger.py::test_an_erasure_that_the_ledger_knows_nothing_of_is_a_finding",
    ),
    Removal(
        "jobs/releases/verify/against_ledger.py",
        "elif actual not in (sha256, item.sha256):",
        "elif False:",
        "unit/jobs/releases/verify/test_against_ledger.py::test_a_part_of_the_ledger_that_is_gone_or_changed",
    ),
    Removal(
        "jobs/releases/verify/against_ledger.py",
        "if claimed != actual:",
        "if False:",
        "unit/jobs/releases/verify/test_against_ledger.py::test_totals_that_the_ledger_does_not_bear_out",
    ),
)

REMOVALS = (*_PARTNER, *_OPERATOR, *_INSIDER, *_PRODUCER, *_THIEF)
