"""The production shape: every service watched, no secret inside."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_all_parts_of_the_portal_are_services():
    assert set(COMPOSE["services"]) == {
        "migrate", "web", "worker", "messenger", "beat", "postgres", "valkey", "nginx",
    }  # fmt: skip


def test_every_queue_has_a_listener():
    from config import queues

    listened = [
        queue for name in queues.LISTENERS
        for queue in COMPOSE["services"][name]["command"].split("-Q ")[1].split()[0].split(",")
    ]  # fmt: skip
    assert listened == list(queues.EVERY)


def test_every_lasting_service_has_a_health_check():
    lasting = {name: service for name, service in COMPOSE["services"].items() if name != "migrate"}

    assert all("test" in service["healthcheck"] for service in lasting.values())


def test_no_secret_is_written_into_it():
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("KEY", "PASSWORD", "URL")):
                assert str(value).startswith(("${", "postgresql://sevasankalp:${", "redis://:${")), name


def test_data_outlives_its_containers():
    assert set(COMPOSE["volumes"]) == {"postgres", "valkey", "media"}


def test_what_the_example_names_reaches_the_portal_and_what_the_portal_must_have_is_in_the_example():
    named = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    used = re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())
    required = re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "docker-compose.yml").read_text())

    assert set(named) <= set(used)
    assert set(required) <= set(named)


def test_the_settings_of_the_read_me_can_be_given_to_the_containers():
    given = COMPOSE["services"]["web"]["environment"]

    for name in ("STATE_NAME_EN", "STATE_NAME_HI", "HELPLINE", "SMS_SENDER_ID", "DEFAULT_FROM_EMAIL", "PROXY_COUNT"):
        assert name in given


def test_gunicorn_logs_as_all_others_do():
    assert "--logger-class config.gunicorn_log.Logger" in COMPOSE["services"]["web"]["command"]
