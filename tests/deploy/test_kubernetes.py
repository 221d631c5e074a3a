"""The Kubernetes manifests: each fits its schema, and no pod may more than it must."""

import re
import shutil
import subprocess
import warnings
from typing import Any

import kubernetes_validate
import pytest

from jobs.ingest.streams.source_table import stream_source
from jobs.settings.settings import load_settings
from tests.deploy.manifests import (
    FOLDER,
    Manifest,
    kustomization,
    load,
    manifests,
    of_kind,
    pod_templates,
    values,
)
from tests.services.process import ROOT

# The oldest that has everything which is used, and the newest whose schemas are known.
VERSIONS = ("1.31", kubernetes_validate.latest_version())
PODS = pod_templates()
# Kinds that are not Kubernetes' own: tests/deploy/test_flink_deployment.py.
FOREIGN = ("FlinkDeployment",)
SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|-----BEGIN|password\s*=\s*\S|s3\.(access|secret)|(access|secret)[-_.]key\b", re.IGNORECASE
)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_fits_its_schema(version: str) -> None:
    for manifest in manifests():
        if manifest["kind"] not in FOREIGN:
            validate(manifest, version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("part", PODS)
def test_every_pod_fits_its_schema(part: str, version: str) -> None:
    validate({"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "p"}, "template": PODS[part]}, version)


@pytest.mark.parametrize("part", PODS)
def test_no_pod_is_root_or_can_become_it(part: str) -> None:
    spec = PODS[part]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 9999
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(spec)
    assert all(set(volume) & {"configMap", "emptyDir"} for volume in spec["volumes"])
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        # Its root is read-only: what it writes has a place.
        assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in spec["volumes"]}


def test_every_container_has_requests_and_limits() -> None:
    for manifest in (*of_kind("CronJob"), *of_kind("Deployment")):
        for container in PODS[manifest["metadata"]["name"]]["spec"]["containers"]:
            for kind in ("requests", "limits"):
                assert set(container["resources"][kind]) == {"cpu", "memory", "ephemeral-storage"}
    # Flink makes requests and limits of these, both the same.
    spec = of_kind("FlinkDeployment")[0]["spec"]
    for part in ("jobManager", "taskManager"):
        assert set(spec[part]["resource"]) == {"cpu", "memory", "ephemeralStorage"}


def test_images_are_pinned() -> None:
    images = {value for m in manifests() for key, value in values(m) if key.endswith(".image")}
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert images == {f"registry.example.com/contact-billing:{version[1]}"}
    assert kustomization()["images"] == [{"name": "registry.example.com/contact-billing", "newTag": version[1]}]


def test_no_manifest_holds_a_secret() -> None:
    assert not of_kind("Secret")
    for path in FOLDER.iterdir():
        assert not SECRET.search(path.read_text()), path
    for template in PODS.values():
        for container in template["spec"]["containers"]:
            for variable in container.get("env", []):
                assert "secretKeyRef" in variable["valueFrom"]
                # Flink logs the environment of its Python, but hides variables with such names.
                assert "SECRET" in variable["name"]


def test_every_part_has_an_identity_and_a_role_of_its_own() -> None:
    accounts = {m["metadata"]["name"]: m["metadata"]["annotations"] for m in of_kind("ServiceAccount")}
    assert len({a["eks.amazonaws.com/role-arn"] for a in accounts.values()}) == len(accounts) == 4
    used = [m["spec"]["serviceAccount"] for m in of_kind("FlinkDeployment")]
    used += [
        PODS[m["metadata"]["name"]]["spec"]["serviceAccountName"] for m in (*of_kind("CronJob"), *of_kind("Deployment"))
    ]
    assert sorted(used) == sorted(accounts)
    for role in of_kind("Role"):
        for rule in role["rules"]:
            assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
            assert not {"secrets", "pods/exec", "roles", "rolebindings"} & set(rule["resources"])
    assert not of_kind("ClusterRole")


@pytest.mark.parametrize("manifest", of_kind("CronJob"), ids=lambda m: m["metadata"]["name"])
def test_jobs_do_not_pile_up(manifest: Manifest) -> None:
    spec: dict[str, Any] = manifest["spec"]
    job = spec["jobTemplate"]["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert {"startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"} <= set(spec)
    assert {"activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"} <= set(job)
    # Exit codes of the README that trying again does not change.
    given_up = next(rule for rule in job["podFailurePolicy"]["rules"] if rule["action"] == "FailJob")["onExitCodes"]
    assert given_up["values"] == [2, 3, 4]
    assert given_up["containerName"] in {c["name"] for c in job["template"]["spec"]["containers"]}


def test_who_is_scraped_can_be_reached_by_prometheus_alone() -> None:
    ingress = {
        labels["app.kubernetes.io/component"]: m["spec"].get("ingress", ())
        for m in of_kind("NetworkPolicy")
        if "app.kubernetes.io/component" in (labels := m["spec"]["podSelector"].get("matchLabels", {}))
    }
    scraped = {t["metadata"]["labels"]["app.kubernetes.io/component"]: t for t in PODS.values() if is_scraped(t)}
    assert scraped.keys() == {"stream", "metrics"}
    for part, template in scraped.items():
        port = int(template["metadata"]["annotations"]["prometheus.io/port"])
        assert port in {p["containerPort"] for c in template["spec"]["containers"] for p in c["ports"]}
        peers = [rule["from"] for rule in ingress[part] if port in {p["port"] for p in rule["ports"]}]
        assert peers == [[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]]


def is_scraped(template: Manifest) -> bool:
    """Whether a pod says that it has metrics."""
    return template["metadata"].get("annotations", {}).get("prometheus.io/scrape") == "true"


def test_nobody_talks_to_anybody_by_default() -> None:
    policies = {m["metadata"]["name"]: m["spec"] for m in of_kind("NetworkPolicy")}
    assert policies.pop("default-deny") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert policies
    for spec in policies.values():
        assert spec["podSelector"]["matchLabels"]
        for direction in ("ingress", "egress"):
            for rule in spec.get(direction, []):
                assert rule["ports"]
                for peer in rule["to" if direction == "egress" else "from"]:
                    assert peer.get("podSelector") or peer.get("namespaceSelector") or direction == "egress"
                    # The node's own role is out of reach.
                    assert "ipBlock" not in peer or "169.254.169.254/32" in peer["ipBlock"]["except"]
    labels = [template["metadata"]["labels"] for template in PODS.values()]
    assert all(found["app.kubernetes.io/name"] == "contact-billing" for found in labels)


def test_the_settings_load_and_are_those_that_ship() -> None:
    assert kustomization()["configMapGenerator"] == [{"name": "contact-billing-settings", "files": ["settings.toml"]}]
    settings = load_settings(FOLDER / "settings.toml")
    stream_source(settings.source).check_settings({})
    assert settings == load_settings(ROOT / "conf" / "aws.toml")
    for template in PODS.values():
        volume = next(v for v in template["spec"]["volumes"] if v["name"] == "settings")
        assert volume["configMap"] == {"name": "contact-billing-settings"}


def test_kustomize_puts_it_together() -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not on the PATH")
    command = ["kubectl", "kustomize", str(FOLDER)]
    rendered = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    name = re.search(r"name: (contact-billing-settings-\S+)", rendered)
    assert name is not None
    # The generated name has reached the pods of all four parts, the foreign kind's too.
    assert len(re.findall(rf"^ +name: {name[1]}\n +name: settings$", rendered, re.MULTILINE)) == 4
    assert "name: contact-billing-settings\n" not in rendered
    assert rendered.count("namespace: contact-billing\n") == len(manifests()) + 1


def test_the_document_says_what_to_fill_in() -> None:
    told = (ROOT / "docs" / "deploy-kubernetes.md").read_text()
    placeholder = re.compile(r"\bexample-[a-z-]+|registry\.example\.com|\b\d{12}\b(?=:)")
    names = {name for path in FOLDER.glob("*.*ml") for name in placeholder.findall(path.read_text())}
    assert {"registry.example.com", "111122223333", "example-partner-billing"} <= names
    assert sorted(name for name in names if name not in told) == []


def test_every_file_is_used() -> None:
    used = {*kustomization()["resources"], *kustomization()["configurations"], "settings.toml", "kustomization.yaml"}
    image = {"Dockerfile", "Dockerfile.dockerignore", "entrypoint.sh"}
    assert {path.name for path in FOLDER.iterdir()} == used | image
    assert load(FOLDER / "flink-deployment.yaml")


def validate(manifest: Manifest, version: str) -> None:
    """A field that the schema does not know fails; so does a kind that has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kubernetes_validate.validate(manifest, version, strict=True)
