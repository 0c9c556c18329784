"""The Kubernetes manifests: valid by their schemas, and in agreement with the image, the commands and the constants."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from temporalio.envconfig import ClientConfigProfile

from arvo_temporal.cli.main import cli
from arvo_temporal.worker import ListenAddress, WorkerOptions
from arvo_temporal.worker.supervisor import _GRACE
from examples.orders.app import app as orders

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in (ROOT / "tests/data/kubernetes").glob("*.json")}
KUBERNETES = SCHEMAS["kubernetes-1.37.json"]
CUSTOM = SCHEMAS["keda-2.20.2.json"] | SCHEMAS["temporal-worker-controller-1.8.1.json"]
NAMES_OF_A_BUILD = {"TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"}
SET_BY_THE_CONTROLLER = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", *NAMES_OF_A_BUILD}

FILES = sorted(path for path in DEPLOY.rglob("*.yaml") if path.name != "kustomization.yaml")
KUSTOMIZATIONS = sorted(DEPLOY.rglob("kustomization.yaml"))
MANIFESTS: dict[str, dict[str, Any]] = {
    f"{path.relative_to(DEPLOY)}": yaml.safe_load(path.read_text()) for path in FILES
}
_GROUP: Any = typer.main.get_command(cli)
COMMANDS: dict[str, Any] = _GROUP.commands
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def strict(schema: Any) -> Any:
    """Refuse what a custom resource's schema does not name, as kubectl does; the API server would drop it."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    return closed if "properties" not in schema or open_ended else {**closed, "additionalProperties": False}


def schema_of(manifest: dict[str, Any]) -> dict[str, Any]:
    kind = f"{manifest['apiVersion']} {manifest['kind']}"
    if kind in CUSTOM:
        schema: dict[str, Any] = strict(CUSTOM[kind])
        return schema
    return {"$ref": f"kubernetes-1.37.json#/$defs/{KUBERNETES['kinds'][manifest['kind']]}"}


def problems(manifest: dict[str, Any]) -> list[str]:
    resource = Resource.from_contents(KUBERNETES, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("kubernetes-1.37.json", resource)
    validator = jsonschema.Draft202012Validator(schema_of(manifest), registry=registry)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(manifest)]


def embedded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all manifests, those within the templates of the controller with what it fills in."""
    for name, manifest in MANIFESTS.items():
        yield name, manifest
        if manifest["kind"] == "WorkerResourceTemplate":
            inner = json.loads(json.dumps(manifest["spec"]["template"]))
            inner["metadata"] = {"name": "filled-in"}
            if inner["spec"].get("scaleTargetRef") == {}:
                inner["spec"]["scaleTargetRef"] = {"name": "filled-in"}
            yield f"{name} (template)", inner


EVERY_MANIFEST = pytest.mark.parametrize(("name", "manifest"), list(embedded()), ids=[name for name, _ in embedded()])
PODS = {
    name: manifest["spec"]["template"]["spec"]
    for name, manifest in MANIFESTS.items()
    if manifest["kind"] in ("Deployment", "WorkerDeployment")
}
EVERY_POD = pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
TRIGGERS = {
    name: trigger
    for name, manifest in embedded()
    if manifest["kind"] == "ScaledObject"
    for trigger in manifest["spec"]["triggers"]
}


def settings_of(pod: dict[str, Any]) -> dict[str, str]:
    """Return the environment of a pod, as far as its ConfigMap says it."""
    folder = next(name.partition("/")[0] for name, other in PODS.items() if other is pod)
    settings: dict[str, str] = MANIFESTS[f"{folder}/settings.yaml"]["data"]
    return settings


def context_of(name: str, *arguments: str) -> Any:
    """Parse arguments as a command does, which fails for options that it has not."""
    return COMMANDS[name].make_context(name, list(arguments))


def variables() -> set[str]:
    """Return the environment variables that options of the commands are read from."""
    given = [parameter.envvar or () for command in COMMANDS.values() for parameter in command.params]
    return set(itertools.chain.from_iterable([names] if isinstance(names, str) else names for names in given))


@EVERY_MANIFEST
def test_it_follows_the_schema_of_its_kind(name: str, manifest: dict[str, Any]) -> None:
    assert problems(manifest) == []


MISTAKES = [
    ("worker/deployment.yaml", "template", "spec.template.spec.terminationGracePeriod", 45),
    ("worker/deployment.yaml", "number", "spec.replicas", "two"),
    ("worker/disruption.yaml", "key", "spec.maxUnavailible", 1),
    ("worker/settings.yaml", "value", "data.ARVO_PROCESSES", 2),
    ("autoscaling/backlog.yaml", "key", "spec.minReplicas", 1),
    ("autoscaling/backlog.yaml", "deep key", "spec.advanced.horizontalPodAutoscalerConfig.behaviour", {}),
    ("versioned/workers.yaml", "choice", "spec.rollout.strategy", "Canary"),
    ("versioned/workers.yaml", "pod", "spec.template.spec.nodeName", 1),
    ("versioned/connection.yaml", "key", "spec.address", "temporal:7233"),
    ("versioned/backlog.yaml", "key", "spec.deploymentRef", {"name": "arvo-worker"}),
]


@pytest.mark.parametrize(("name", "kind", "path", "value"), MISTAKES)
def test_the_validation_would_find_a_mistake(name: str, kind: str, path: str, value: Any) -> None:
    wrong = json.loads(json.dumps(MANIFESTS[name]))
    *way, last = path.split(".")
    place = wrong
    for key in way:
        place = place[key]
    place[last] = value
    assert problems(wrong) != [], kind


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=[path.parent.name for path in KUSTOMIZATIONS])
def test_a_kustomization_names_files_that_exist_and_images_that_are_used(path: Path) -> None:
    kustomization = yaml.safe_load(path.read_text())
    assert (kustomization["apiVersion"], kustomization["kind"]) == ("kustomize.config.k8s.io/v1beta1", "Kustomization")
    for resource in kustomization["resources"]:
        assert (path.parent / resource).exists(), resource
    for image in kustomization.get("images", []):
        used = [pod["containers"][0]["image"] for name, pod in PODS.items() if (DEPLOY / name).parent == path.parent]
        assert used == [f"{image['name']}:{image['newTag']}"]


def test_nobody_applies_the_example_of_a_secret() -> None:
    named = {resource for path in KUSTOMIZATIONS for resource in yaml.safe_load(path.read_text())["resources"]}
    secrets = {Path(name).name for name, manifest in MANIFESTS.items() if manifest["kind"] == "Secret"}
    assert secrets == {"credentials.yaml"}
    assert secrets & named == set()


@EVERY_POD
def test_the_image_is_the_one_of_compose_and_runs_the_command_of_the_dockerfile(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert container["image"] == compose["services"]["worker"]["image"]
    assert "command" not in container, "the ENTRYPOINT of the image runs the worker"
    assert 'ENTRYPOINT ["arvo-temporal", "worker"]' in DOCKERFILE
    context_of("worker", settings_of(pod)["ARVO_APP"], *container["args"])


@EVERY_POD
def test_probes_ask_the_health_endpoint_and_liveness_not_the_server(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    address = ListenAddress.read(settings_of(pod)["ARVO_HEALTH"])
    assert address.host == "0.0.0.0", "the kubelet asks from outside of the container"
    assert container["ports"] == [{"name": "health", "containerPort": address.port}]
    paths = {name: probe["httpGet"]["path"] for name, probe in container.items() if name.endswith("Probe")}
    assert paths == {"startupProbe": "/readyz", "readinessProbe": "/readyz", "livenessProbe": "/livez"}
    for name in paths:
        assert container[name]["httpGet"]["port"] == "health"
        assert container[name]["timeoutSeconds"] > 2, "a supervisor may wait so long for its workers"


@EVERY_POD
def test_there_is_time_to_drain(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    context = context_of("worker", settings_of(pod)["ARVO_APP"], *container["args"])
    drain = float(context.params["drain"])
    assert drain == WorkerOptions(app=orders, task_queue="x").drain.total_seconds()
    assert pod["terminationGracePeriodSeconds"] > drain + _GRACE


@EVERY_POD
def test_it_runs_as_the_user_of_the_image_and_may_do_nothing_else(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    uid = re.search(r"useradd .*--uid (\d+)", DOCKERFILE)
    assert uid is not None
    assert pod["securityContext"]["runAsUser"] == int(uid[1])
    assert pod["securityContext"]["runAsNonRoot"]
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
    assert [set(volume) for volume in pod["volumes"]] == [{"name", "emptyDir"}]


@EVERY_POD
def test_it_has_bounds(pod: dict[str, Any]) -> None:
    resources = pod["containers"][0]["resources"]
    assert set(resources["requests"]) == {"cpu", "memory"}
    assert "memory" in resources["limits"]


def test_settings_are_variables_that_something_reads() -> None:
    documented = (ROOT / "docs/operations.md").read_text()
    for name, manifest in MANIFESTS.items():
        for variable in {**manifest.get("data", {}), **manifest.get("stringData", {})}:
            known = variable in variables() or variable.startswith("TEMPORAL_TLS_") or f"`{variable}`" in documented
            assert known, f"{name}: {variable}"


def test_credentials_are_read_from_the_environment_as_temporal_reads_them() -> None:
    secret = MANIFESTS["worker/credentials.yaml"]["stringData"]
    profile = ClientConfigProfile.load(override_env_vars=secret, disable_file=True)
    assert profile.api_key == secret["TEMPORAL_API_KEY"]
    assert profile.tls is not None
    for part in (profile.tls.client_cert, profile.tls.client_private_key, profile.tls.server_root_ca_cert):
        assert part in {value.encode() for value in secret.values()}


def test_the_controller_alone_says_where_its_workers_connect_and_what_they_are() -> None:
    (pod,) = (pod for name, pod in PODS.items() if name.startswith("versioned/"))
    assert set(settings_of(pod)) & SET_BY_THE_CONTROLLER == set()
    assert "env" not in pod["containers"][0]
    assert variables() >= NAMES_OF_A_BUILD


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=TRIGGERS)
def test_the_backlog_is_asked_for_by_what_the_scaler_reads(trigger: dict[str, Any]) -> None:
    known = SCHEMAS["keda-2.20.2.json"]["temporal trigger"]["triggerMetadata"]
    assert trigger["type"] == "temporal"
    assert set(trigger["metadata"]) <= set(known)
    assert all(isinstance(value, str) for value in trigger["metadata"].values())
    assert trigger["metadata"]["taskQueue"] == orders.task_queue
    assert set(trigger["metadata"]["queueTypes"].split(",")) == {"workflow", "activity"}


def test_what_scales_and_protects_means_the_workers() -> None:
    deployment = MANIFESTS["worker/deployment.yaml"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert MANIFESTS["worker/disruption.yaml"]["spec"]["selector"]["matchLabels"] == labels
    assert MANIFESTS["autoscaling/backlog.yaml"]["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert MANIFESTS["autoscaling/backlog.yaml"]["spec"]["minReplicaCount"] > 0
    connection = MANIFESTS["worker/settings.yaml"]["data"]
    metadata = MANIFESTS["autoscaling/backlog.yaml"]["spec"]["triggers"][0]["metadata"]
    assert metadata["endpoint"] == connection["TEMPORAL_ADDRESS"]
    assert metadata["namespace"] == connection["TEMPORAL_NAMESPACE"]


def test_keda_is_given_the_credentials_by_the_names_that_it_reads() -> None:
    known = SCHEMAS["keda-2.20.2.json"]["temporal trigger"]["authParams"]
    secret = MANIFESTS["worker/credentials.yaml"]
    for reference in MANIFESTS["autoscaling/authentication.yaml"]["spec"]["secretTargetRef"]:
        assert reference["parameter"] in known
        assert reference["name"] == secret["metadata"]["name"]
        assert reference["key"] in secret["stringData"]


def test_what_belongs_to_versioned_workers_names_them() -> None:
    workers, connection = MANIFESTS["versioned/workers.yaml"], MANIFESTS["versioned/connection.yaml"]
    assert workers["spec"]["workerOptions"]["connectionRef"]["name"] == connection["metadata"]["name"]
    for name in ("versioned/disruption.yaml", "versioned/backlog.yaml"):
        assert MANIFESTS[name]["spec"]["workerDeploymentRef"]["name"] == workers["metadata"]["name"]
    backlog = MANIFESTS["versioned/backlog.yaml"]["spec"]["template"]["spec"]
    assert backlog["triggers"][0]["metadata"]["endpoint"] == connection["spec"]["hostPort"]
    plain, versioned = (pod["containers"][0] for pod in PODS.values())
    for same in (
        "args",
        "image",
        "resources",
        "securityContext",
        "ports",
        "startupProbe",
        "readinessProbe",
        "livenessProbe",
        "volumeMounts",
    ):
        assert plain[same] == versioned[same], same
