"""The policies of the stacks. In: the stacks. Out: every statement, one by one; and what IAM would say to a request.

Only as much of IAM as the templates use: a condition that is not known here is an error.
"""

import json
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from tests.deploy.stacks import ACCOUNT, Stack, deployed

Context = dict[str, str]


class Statement(NamedTuple):
    """One statement, and the resource of which stack it is in; `kind` is what the policy is attached to."""

    stack: str
    resource: str
    kind: str
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.stack}.{self.resource}.{self.body.get('Sid', self.body['Action'])}"

    @property
    def actions(self) -> list[str]:
        return listed(self.body["Action"])

    @property
    def resources(self) -> list[str]:
        """Empty for a trust policy, whose resource is the role."""
        return listed(self.body.get("Resource", []))

    def covers(self, action: str, resource: str, context: Context) -> bool:
        """Whether it speaks of a request."""
        return (
            any(matches(action, pattern) for pattern in self.actions)
            and any(matches(resource, pattern) for pattern in self.resources)
            and all(holds(*test, context) for test in _tests(self.body))
        )


def statements() -> Iterator[Statement]:
    """Every statement of every policy of every stack."""
    for stack in deployed().values():
        for name, resource in stack.resources.items():
            for body in _within(resource["Properties"]):
                yield Statement(stack.name, name, resource["Type"], body)


def role(stack: str, name: str) -> list[Statement]:
    """What a role is granted."""
    properties = deployed()[stack].of("AWS::IAM::Role")[name]
    return [Statement(stack, name, "AWS::IAM::Role", body) for body in _within(properties["Policies"])]


def key_policy(arn: str) -> list[Statement]:
    """What the policy of one of the stacks' own keys says to roles of the account."""
    name = arn.rpartition("/")[2]
    (stack,) = (stack for stack in deployed().values() if name in stack.of("AWS::KMS::Key"))
    found = stack.of("AWS::KMS::Key")[name]
    return [
        Statement(stack.name, name, "AWS::KMS::Key", body)
        for body in _within(found)
        if body["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    ]


def allows(granted: Iterable[Statement], action: str, resource: str, context: Context) -> bool:
    """Whether any of these statements allows a request."""
    return any(s.body["Effect"] == "Allow" and s.covers(action, resource, context) for s in granted)


def bucket_denies(stack: Stack, bucket: str, action: str, key: str, context: Context) -> list[str]:
    """The statements of a bucket's policy that refuse a request."""
    (policy,) = (p for p in stack.of("AWS::S3::BucketPolicy").values() if p["Bucket"] == bucket)
    found = [Statement(stack.name, bucket, "AWS::S3::BucketPolicy", body) for body in _within(policy)]
    assert {s.body["Effect"] for s in found} == {"Deny"}
    return [s.body["Sid"] for s in found if s.covers(action, f"arn:aws:s3:::{bucket}/{key}", context)]


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def matches(text: str, pattern: str) -> bool:
    """As IAM matches: stars and question marks, and nothing else."""
    return fnmatchcase(text, re.sub(r"\[", "[[]", pattern))


def holds(operator: str, key: str, values: list[str], context: Context) -> bool:
    """Whether a condition holds; negated ones do where the request says nothing, as IAM has it."""
    found = context.get(key)
    if operator == "Null":
        return (found is None) == (values == ["true"])
    if operator.endswith("IfExists") and found is None:
        return True
    match operator.removesuffix("IfExists"):
        case "StringEquals" | "ArnEquals" | "Bool":
            return found in values
        case "StringNotEquals":
            return found not in values
        case "StringLike" | "ArnLike":
            return found is not None and any(matches(found, value) for value in values)
        case "NumericLessThan":
            return found is not None and all(float(found) < float(value) for value in values)
    raise AssertionError(f"what does {operator} mean?")


def _tests(body: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    for operator, keys in body.get("Condition", {}).items():
        for key, values in keys.items():
            yield operator, key, listed(values)


def _within(value: Any) -> Iterator[dict[str, Any]]:
    """The statements anywhere in properties; some services take a policy as text."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = json.loads(value)
    if isinstance(value, dict):
        if "Statement" in value:
            yield from value["Statement"]
        else:
            for item in value.values():
                yield from _within(item)
    elif isinstance(value, list):
        for item in value:
            yield from _within(item)
