"""Convert Kafka values in Avro's binary form and the shipped schema to JSON payloads."""

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import fastavro
import pandas as pd
from pyflink.table import DataTypes
from pyflink.table.udf import udf

from jobs.ingest.archive.containers.payload_field import json_payload
from jobs.runtime.redaction import redact_errors
from schemas.avro import contact_record_avro

if TYPE_CHECKING:
    from pyflink.table.udf import UserDefinedScalarFunctionWrapper


def from_avro() -> "UserDefinedScalarFunctionWrapper":
    """Return the function to register in a table environment."""
    return udf(avro_payloads, input_types=[DataTypes.BYTES()], result_type=DataTypes.BYTES(), func_type="pandas")


def avro_payloads(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the payload of each value; a value that is not such a record stays as it is, and is quarantined."""
    with redact_errors():
        return pd.Series([payload(value or b"") for value in values], dtype=object)


def payload(value: bytes) -> bytes:
    """Return a record as its original JSON text would be."""
    for schema in _schemas():
        file = io.BytesIO(value)
        try:
            record = fastavro.schemaless_reader(file, schema, None)
        except Exception:  # noqa: BLE001, S112  hostile bytes raise anything; they are a row, not an error
            continue
        if file.tell() == len(value):
            return json_payload(record)
    return value


@lru_cache
def _schemas() -> tuple[Any, ...]:
    """The shipped schema, and the one that was shipped before it had SystemEndpoint: producers still write it."""
    schema = contact_record_avro()
    without_endpoint = [field for field in schema["fields"] if field["name"] != "SystemEndpoint"]
    return fastavro.parse_schema(schema), fastavro.parse_schema({**schema, "fields": without_endpoint})
