"""The CloudFormation templates as a deployment would see them.

In: the templates of deploy/aws and parameters. Out: their resources and outputs, with names and ARNs in the place of
functions. Logical ids stand for what only AWS could name.
"""

import re
from functools import cache
from typing import Any

from cfnlint.decode.cfn_yaml import load

from tests.services.process import ROOT

FOLDER = ROOT / "deploy" / "aws"
ORDER = ("storage", "stream", "tasks", "people", "partner")
ACCOUNT, REGION = "123456789012", "us-east-1"
HERE = f"{REGION}:{ACCOUNT}"
TABLE_KEY = f"arn:aws:kms:{HERE}:key/VoicemailTableKey"

GIVEN = {
    "ConnectRole": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/connect.amazonaws.com/ConnectRole",
    "CodeBucket": "example-code",
    "CodeKey": "contact-billing.zip",
    "CodeVersion": "version-1",
    "ImageRepository": "contact-billing",
    "ImageDigest": "sha256:" + "0" * 64,
    "Vpc": "vpc-1",
    "Subnets": ["subnet-1", "subnet-2"],
    "VoicemailTable": "voicemail-users",
    "VoicemailTableKey": TABLE_KEY,
    "AlarmTopic": f"arn:aws:sns:{HERE}:alarms",
    "OperatorPrincipal": f"arn:aws:iam::{ACCOUNT}:role/operators",
    "QuarantinePrincipal": f"arn:aws:iam::{ACCOUNT}:role/quarantine",
    "PartnerAccount": "210987654321",
    "ExternalId": "an-agreement-of-2026",
}
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
# What a reference to a resource gives, where it is not its logical id; and its ARN.
_NAMED_BY = {
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::KinesisAnalyticsV2::Application": "ApplicationName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Logs::LogStream": "LogStreamName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Scheduler::ScheduleGroup": "Name",
}
_ARN = {
    "AWS::ECS::Cluster": f"arn:aws:ecs:{HERE}:cluster/{{}}",
    "AWS::ECS::TaskDefinition": f"arn:aws:ecs:{HERE}:task-definition/{{}}:1",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{}}",
    "AWS::KMS::Key": f"arn:aws:kms:{HERE}:key/{{}}",
    "AWS::Kinesis::Stream": f"arn:aws:kinesis:{HERE}:stream/{{}}",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::Scheduler::ScheduleGroup": f"arn:aws:scheduler:{HERE}:schedule-group/{{}}",
}
_IN_TEXT = re.compile(r"\$\{([^}]+)}")
_NOTHING = object()


class Stack:
    """One template with its parameters."""

    def __init__(self, name: str, parameters: dict[str, Any]) -> None:
        self.name = name
        self._template = load(str(FOLDER / f"{name}.yaml"))
        declared = self._template["Parameters"]
        self.required = {str(key) for key, spec in declared.items() if "Default" not in spec}
        assert self.required <= set(parameters), f"{name}: a parameter is not given"
        # Others are left out, as `aws cloudformation deploy` does. All are texts but for lists.
        given = {str(key): parameters.get(key, spec.get("Default")) for key, spec in declared.items()}
        self.parameters = {key: value if isinstance(value, list) else str(value) for key, value in given.items()}
        self.resources: dict[str, dict[str, Any]] = self._present("Resources")
        self.outputs = {key: output["Value"] for key, output in self._present("Outputs").items()}

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of all resources of a kind, by logical id."""
        return {key: found["Properties"] for key, found in self.resources.items() if found["Type"] == kind}

    @property
    def settings(self) -> dict[str, str]:
        """What the application is given in the group of contact-billing: dotted names and texts."""
        return self.properties("contact-billing")

    def properties(self, group: str) -> dict[str, str]:
        """What the application is given in a group."""
        (found,) = self.of("AWS::KinesisAnalyticsV2::Application").values()
        groups = found["ApplicationConfiguration"]["EnvironmentProperties"]["PropertyGroups"]
        return next(g["PropertyMap"] for g in groups if g["PropertyGroupId"] == group)

    def _present(self, section: str) -> dict[str, Any]:
        there = {
            key: item
            for key, item in self._template.get(section, {}).items()
            if "Condition" not in item or self._holds(item["Condition"])
        }
        return {key: self._resolved(item) for key, item in there.items()}

    def _holds(self, condition: str) -> bool:
        return bool(self._resolved(self._template["Conditions"][condition]))

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1 and (found := self._function(*next(iter(value.items())))) is not None:
                return found
            items = {str(key): self._resolved(item) for key, item in value.items()}
            return {key: item for key, item in items.items() if item is not _NOTHING}
        if isinstance(value, list):
            return [found for item in value if (found := self._resolved(item)) is not _NOTHING]
        return str(value) if isinstance(value, str) else value

    def _function(self, name: str, given: Any) -> Any:
        """None: it is no function."""
        match name:
            case "Ref":
                return self._reference(given)
            case "Fn::GetAtt":
                target, attribute = given if isinstance(given, list) else given.split(".")
                return self._attribute(target, attribute)
            case "Fn::Sub":
                return _IN_TEXT.sub(lambda found: str(self._in_text(found.group(1))), given)
            case "Fn::If":
                condition, yes, no = given
                return self._resolved(yes if self._holds(condition) else no)
            case "Fn::Equals":
                one, other = map(self._resolved, given)
                return one == other
            case "Fn::Not":
                return not self._resolved(given[0])
        return None

    def _in_text(self, name: str) -> Any:
        target, dot, attribute = name.partition(".")
        return self._attribute(target, attribute) if dot else self._reference(name)

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        resource = self._template["Resources"][name]
        if resource["Type"] == "AWS::ECS::TaskDefinition":
            return self._attribute(name, "Arn")
        key = _NAMED_BY.get(resource["Type"])
        return self._resolved(resource["Properties"][key]) if key else name

    def _attribute(self, target: str, attribute: str) -> str:
        kind = self._template["Resources"][target]["Type"]
        if attribute != "Arn":
            return f"{target}.{attribute}"
        name = target if kind == "AWS::ECS::TaskDefinition" else self._reference(target)
        return _ARN[kind].format(name)


@cache
def deployed() -> dict[str, Stack]:
    """All stacks, one after another: each is given the outputs of those before."""
    found: dict[str, Stack] = {}
    parameters = dict(GIVEN)
    for name in ORDER:
        found[name] = Stack(name, parameters)
        parameters |= found[name].outputs
    return found
