"""The Kubernetes manifests. In: deploy/kubernetes/. Out: their objects, and the pods that they make."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.services.process import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
Manifest = dict[str, Any]


def load(path: Path) -> list[Manifest]:
    """The objects of a file."""
    return [found for found in YAML(typ="safe").load_all(path) if found]


def kustomization() -> Manifest:
    """What kustomize is told."""
    return load(FOLDER / "kustomization.yaml")[0]


def manifests() -> list[Manifest]:
    """Every object that kustomize applies, but the ConfigMap that it makes."""
    return [found for name in kustomization()["resources"] for found in load(FOLDER / name)]


def named(kind: str, name: str) -> Manifest:
    """One object."""
    return next(m for m in manifests() if (m["kind"], m["metadata"]["name"]) == (kind, name))


def of_kind(kind: str) -> list[Manifest]:
    """The objects of a kind."""
    return [m for m in manifests() if m["kind"] == kind]


def merged(base: Any, over: Any) -> Any:
    """One template laid over another as the operator does it: objects key by key, lists by index."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: merged(base[key], value) if key in base else value for key, value in over.items()}
    if isinstance(base, list) and isinstance(over, list):
        rest = base[len(over) :] or over[len(base) :]
        return [merged(b, o) for b, o in zip(base, over, strict=False)] + rest
    return over


def pod_templates() -> dict[str, Manifest]:
    """What every pod is made of, by the part that it is."""
    spec = of_kind("FlinkDeployment")[0]["spec"]
    flink = {part: merged(spec["podTemplate"], spec[part]["podTemplate"]) for part in ("jobManager", "taskManager")}
    jobs = {m["metadata"]["name"]: m["spec"]["jobTemplate"]["spec"]["template"] for m in of_kind("CronJob")}
    return flink | jobs | {m["metadata"]["name"]: m["spec"]["template"] for m in of_kind("Deployment")}


def values(manifest: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar of an object, with the path of its key."""
    if isinstance(manifest, dict):
        for name, value in manifest.items():
            yield from values(value, f"{key}.{name}")
    elif isinstance(manifest, list):
        for value in manifest:
            yield from values(value, key)
    else:
        yield key, manifest
