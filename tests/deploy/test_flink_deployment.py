"""The FlinkDeployment: it fits the operator's custom resource, conf/flink.yaml, and the network policies."""

from functools import cache
from typing import Any

import jsonschema
import pytest

from jobs.settings.settings import load_settings
from jobs.stream import flink_options
from tests.deploy.manifests import FOLDER, load, merged, named, of_kind, pod_templates
from tests.services.process import BUILD, ROOT, installed

CRD = BUILD / "operator" / "META-INF" / "fabric8" / "flinkdeployments.flink.apache.org-v1.yml"
DEPLOYMENT = of_kind("FlinkDeployment")[0]
SPEC: dict[str, Any] = DEPLOYMENT["spec"]
OPTIONS: dict[str, str] = SPEC["flinkConfiguration"]
CONF: dict[str, Any] = load(ROOT / "conf" / "flink.yaml")[0]
# Of conf/flink.yaml: what Kubernetes or the operator decides.
LEFT_OUT = {
    "rest.address",
    "rest.bind-address",
    "rest.port",
    "jobmanager.rpc.address",
    "jobmanager.bind-host",
    "taskmanager.bind-host",
    "jobmanager.memory.process.size",
    "taskmanager.memory.process.size",
    "parallelism.default",
}
# What is another value: places, and one port for each pod.
OWN = {
    "execution.checkpointing.dir",
    "execution.checkpointing.savepoint-dir",
    "s3.endpoint.region",
    "s3.encryption.key",
    "metrics.reporter.prom.port",
    "python.executable",
    "python.client.executable",
}


def test_it_fits_the_operators_custom_resource() -> None:
    validator().validate(DEPLOYMENT)


@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"job": {"upgradeMode": "sometimes"}}},
        {"spec": {"job": {"jarUri": "local:///x.jar"}}},
        {"spec": {"flinkConfiguration": {"parallelism.default": 2}}},
        {"spec": {"jobManager": {"podTemplate": {"spec": {"container": []}}}}},
    ],
)
def test_the_custom_resource_would_tell(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(merged(DEPLOYMENT, change))


def test_flinks_options_are_those_of_conf() -> None:
    expected = {key: text(value) for key, value in CONF.items() if key not in LEFT_OUT | OWN}
    assert {key: value for key, value in OPTIONS.items() if key in expected} == expected
    assert set(OPTIONS) >= OWN
    assert not LEFT_OUT & set(OPTIONS)


def test_its_log_is_that_of_conf() -> None:
    shipped = (ROOT / "conf" / "log4j-json.properties").read_text()
    assert SPEC["logConfiguration"] == {"log4j-console.properties": shipped}


def test_what_the_job_itself_sets_is_not_said_twice() -> None:
    said = set(flink_options(load_settings(FOLDER / "settings.toml"))) & set(OPTIONS)
    assert said == {"execution.checkpointing.externalized-checkpoint-retention"}


def test_sizes_are_those_of_conf() -> None:
    assert SPEC["taskManager"]["resource"]["memory"] == CONF["taskmanager.memory.process.size"]
    assert SPEC["job"]["parallelism"] == CONF["parallelism.default"]
    # One core for each Python worker, one worker for each slot.
    assert str(SPEC["taskManager"]["resource"]["cpu"]) == OPTIONS["taskmanager.numberOfTaskSlots"]
    # The JobManager's JVM has what it has elsewhere, though the submitting program is in the same container.
    outside = int(OPTIONS["jobmanager.memory.off-heap.size"].removesuffix("m")) - 128  # Flink's default
    jvm = int(SPEC["jobManager"]["resource"]["memory"].removesuffix("m")) - outside
    assert jvm >= int(CONF["jobmanager.memory.process.size"].removesuffix("m"))


def test_it_can_be_upgraded_and_comes_back() -> None:
    assert SPEC["job"]["upgradeMode"] == "savepoint"
    assert SPEC["job"]["allowNonRestoredState"] is False
    assert OPTIONS["high-availability.type"] == "kubernetes"
    settings = load_settings(FOLDER / "settings.toml")
    for key in ("execution.checkpointing.dir", "execution.checkpointing.savepoint-dir", "high-availability.storageDir"):
        place = OPTIONS[key]
        assert place.startswith("s3://example-billing-ledger/flink/")
        # Nothing of Flink's own lies where the ledger, or the partner, reads.
        assert not place.startswith((settings.storage.ledger, settings.storage.release))
    assert OPTIONS["s3.encryption.key"] == settings.storage.s3.kms_key
    assert OPTIONS["s3.endpoint.region"] == settings.storage.s3.region


def test_every_port_of_the_policies_is_one_that_flink_has() -> None:
    own = named("NetworkPolicy", "stream")["spec"]
    among, scraped = (rule["ports"][0] for rule in own["ingress"])
    # 6122 and 6124 are what Flink takes on Kubernetes where nothing is said.
    ports = {6122, 6124} | {
        int(OPTIONS[key])
        for key in (
            "high-availability.jobmanager.port",
            "taskmanager.data.port",
            "metrics.internal.query-service.port",
        )
    }
    assert set(range(among["port"], among["endPort"] + 1)) == ports
    assert str(scraped["port"]) == OPTIONS["metrics.reporter.prom.port"]
    for template in (pod_templates()["jobManager"], pod_templates()["taskManager"]):
        assert template["metadata"]["annotations"]["prometheus.io/port"] == OPTIONS["metrics.reporter.prom.port"]
        assert template["spec"]["containers"][0]["ports"] == [{"name": "metrics", "containerPort": scraped["port"]}]
    rest = named("NetworkPolicy", "operator-to-job-manager")["spec"]
    assert rest["podSelector"]["matchLabels"] == {"app": DEPLOYMENT["metadata"]["name"], "component": "jobmanager"}


def test_both_parts_are_probed() -> None:
    for part in ("jobManager", "taskManager"):
        container = pod_templates()[part]["spec"]["containers"][0]
        assert container["name"] == "flink-main-container"
        assert {"startupProbe", "livenessProbe"} <= set(container)


def test_one_template_does_not_hide_lists_of_the_other() -> None:
    # The operator lays lists over one another by index: the second would change the first one's elements.
    common = SPEC["podTemplate"]["spec"]["containers"][0]
    for part in ("jobManager", "taskManager"):
        own = SPEC[part]["podTemplate"]["spec"]["containers"][0]
        assert set(common) & set(own) == {"name"}


@cache
def validator() -> jsonschema.Draft202012Validator:
    """The custom resource's schema; unknown fields, which the API server drops silently, are errors."""
    versions = load(installed(CRD, "services"))[0]["spec"]["versions"]
    found = next(v for v in versions if v["name"] == DEPLOYMENT["apiVersion"].partition("/")[2])
    return jsonschema.Draft202012Validator(closed(found["schema"]["openAPIV3Schema"]))


def closed(node: Any) -> Any:
    """The schema, with no place for fields that it does not name; but metadata, which is every object's."""
    if isinstance(node, list):
        return [closed(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    inner = {key: closed(value) for key, value in node.items()}
    open_ended = "additionalProperties" in inner or inner.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(inner.get("properties"), dict) and "type" in inner and not open_ended:
        known = {"apiVersion": {}, "kind": {}, "metadata": {}} if "status" in inner["properties"] else {}
        return inner | {"properties": known | inner["properties"], "additionalProperties": False}
    return inner


def text(value: Any) -> str:
    """A value as the operator wants it."""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()
