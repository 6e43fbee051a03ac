"""The manifests under deploy/: of Kubernetes' own schema, without a secret, every part watched and bounded."""

import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from django.conf import settings

from config import queues

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
FILES = sorted(FOLDER.glob("*.yaml"))
DOCUMENTS = [document for file in FILES for document in yaml.safe_load_all(file.read_text())]
PODS = {d["metadata"]["name"]: d["spec"]["template"]["spec"] for d in DOCUMENTS if d["kind"] in ("Deployment", "Job")}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: f"{d['kind']}-{d['metadata']['name']}")
def test_it_is_of_the_schema(document):
    kubernetes_validate.validate(document, "1.34", strict=True)


def test_all_parts_of_the_portal_are_there():
    assert PODS.keys() == {"web", "worker", "messenger", "beat", "migrate", "pgbouncer"}
    assert {d["kind"] for d in DOCUMENTS} >= {"Namespace", "ConfigMap", "Service", "Ingress", "HorizontalPodAutoscaler",
                                              "PodDisruptionBudget", "NetworkPolicy"}  # fmt: skip


def test_every_queue_has_a_listener():
    for name, wanted in queues.LISTENERS.items():
        [said] = [word for word in PODS[name]["containers"][0]["command"] if word.startswith("--queues=")]
        assert said == f"--queues={','.join(wanted)}"


@pytest.mark.parametrize("name", sorted(PODS.keys() - {"pgbouncer"}))
def test_nothing_lies_over_what_the_image_holds(name):
    """The image has the collected static files in /app/var: an empty folder there leaves no page that can be shown."""
    for container in PODS[name]["containers"]:
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]


def test_a_page_may_take_as_long_as_a_statement_wherever_the_web_server_runs():
    said = {
        path: re.search(r"--timeout\W+(\d+)", (ROOT / path).read_text())
        for path in ("config/supervisor.py", "docker-compose.yml", "Dockerfile", "deploy/kubernetes/web.yaml")
    }
    assert {path: found and found[1] for path, found in said.items()} == dict.fromkeys(said, "60")


@pytest.mark.parametrize("name", PODS)
def test_no_part_is_root_or_unbounded(name):
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", sorted(PODS.keys() - {"migrate"}))
def test_every_lasting_part_is_watched(name):
    assert all("livenessProbe" in container for container in PODS[name]["containers"])


def test_no_secret_is_written_into_it():
    [config] = [d["data"] for d in DOCUMENTS if d["kind"] == "ConfigMap" and d["metadata"]["name"] == "portal"]
    assert not [name for name in config if any(word in name for word in ("SECRET", "KEY", "PASSWORD", "TOKEN"))]
    assert "Secret" not in {d["kind"] for d in DOCUMENTS}


def test_whatever_is_set_for_containers_can_be_set_here():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    config = (FOLDER / "config.yaml").read_text()
    assert [name for name in compose["x-portal"]["environment"] if not re.search(rf"\b{name}\b", config)] == []


def test_the_way_past_pgbouncer_is_known_to_what_migrates_alone():
    secrets = {
        name: [
            source["secretRef"]["name"] for source in pod["containers"][0].get("envFrom", ()) if "secretRef" in source
        ]
        for name, pod in PODS.items()
    }
    assert secrets == {name: [] if name == "pgbouncer" else ["portal"] for name in PODS}
    [alone] = [name for name, pod in PODS.items() if "DATABASE_DIRECT_URL" in str(pod)]
    assert alone == "migrate"
    assert "portal-database" in str(PODS["migrate"])
    assert "portal-database" in str(PODS["pgbouncer"])


def test_what_a_connection_would_bring_along_is_what_is_put_into_the_database():
    page = (ROOT / "docs" / "scaling.md").read_text()
    put = {name: value.strip("'") for name, value in re.findall(r"ALTER DATABASE \w+ SET (\w+) = ([^;]+);", page)}
    assert put == dict(re.findall(r"-c (\w+)=(\w+)", settings.DATABASE_OPTIONS))
