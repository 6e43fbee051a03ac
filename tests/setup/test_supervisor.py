"""`script/server` as people meet it: starting, refusing, stopping, dying. Real processes throughout."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import embedded
from tests.portal import ROOT, RunningPortal

pytestmark = pytest.mark.processes


def alive_with(marker: str) -> list[str]:
    """Command lines of the processes whose environment or command names the marker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if marker.encode() in command + (folder / "environ").read_bytes() and b"pytest" not in command:
                found.append(command.decode(errors="replace").replace("\0", " ")[:120])
        except OSError:
            continue
    return found


def refuse(**environment) -> tuple[int, str]:
    """Starts a portal that cannot start and returns its exit code and words."""
    portal = RunningPortal(from_nothing=True, **environment)
    try:
        code = portal.process.wait(60)
        return code, portal.said()
    finally:
        portal.stop()


@pytest.fixture(scope="module")
def portal():
    running = RunningPortal(from_nothing=True).wait_until_ready()
    yield running
    running.stop()


def test_it_says_what_it_does_and_where_it_is(portal):
    time.sleep(0.5)

    said = portal.said()

    for words in ("Creating the tables", "Loading the reference data", f"is ready at {portal.url}"):
        assert words in said


def test_a_second_start_says_so_and_changes_nothing(portal):
    second = subprocess.run(
        [sys.executable, "-m", "config.supervisor"], cwd=ROOT, env=portal.environment, capture_output=True, text=True,
        timeout=30,
    )  # fmt: skip

    assert second.returncode == 3
    assert "runs already" in second.stdout
    assert portal.url in second.stdout
    assert portal.process.poll() is None


def test_secrets_and_accounts_are_for_the_owner_alone(portal):
    for name in ("demo.json", "secrets.json", "environment.json"):
        assert (portal.var / name).stat().st_mode & 0o777 == 0o600


def manage(portal, *arguments: str, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=portal.environment | environment, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip


def test_the_command_line_speaks_to_the_portal_that_runs(portal):
    running = embedded.running_environment(portal.var)

    for given in ({}, {"DATABASE_URL": running["DATABASE_URL"]}):
        done = manage(portal, "verify_log", **given)
        assert done.returncode == 0, done.stderr
        assert "holds" in done.stdout


def test_the_command_line_without_a_portal_says_so_in_one_sentence(portal, tmp_path):
    for given in ({}, {"DATABASE_URL": "postgresql://somebody@127.0.0.1:1/else"}):
        done = manage(portal, "outbox", **given, SEVA_VAR=str(tmp_path))

        assert done.returncode == 1
        assert "script/server" in done.stderr
        assert "Traceback" not in done.stderr


def test_every_static_file_is_served_by_its_hashed_name_and_what_no_page_uses_is_left_out(portal):
    folders = {path.name for path in (portal.var / "static").glob("**/") if path.is_dir()}

    assert "swagger-ui-dist" in folders
    assert not folders & {"redoc", "rest_framework"}
    assert not list((portal.var / "static").glob("**/*.map.br"))


def test_a_killed_worker_comes_back(portal):
    workers = [
        pid for pid in children_of(portal.process.pid) if "celery" in command_of(pid) and "worker" in command_of(pid)
    ]
    os.kill(workers[0], signal.SIGKILL)

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and "worker ended" not in portal.said():
        time.sleep(0.2)
    assert "is started again" in portal.said()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")


def test_it_stops_within_ten_seconds_and_starts_again_without_doing_all_of_it_anew(portal):
    portal.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    portal.process.wait(15)
    assert time.monotonic() - began < 10
    time.sleep(0.3)
    assert alive_with(str(portal.var)) == []

    again = subprocess.Popen([sys.executable, "-m", "config.supervisor"], cwd=ROOT, env=portal.environment,
                             stdout=portal.output, stderr=subprocess.STDOUT)  # fmt: skip
    portal.process = again
    before = len(portal.said())
    portal.wait_until_ready()
    # How many seconds it takes is measured where nothing else runs (`script/bench`).
    said = portal.said()[before:]
    assert "Starting web" in said
    for words in ("Creating", "Collecting", "Loading", "Making"):
        assert words not in said


def test_servers_die_with_the_supervisor_however_it_ends(portal):
    """The last that needs the portal: it ends it."""
    portal.wait_until_ready()
    portal.process.kill()
    portal.process.wait(10)

    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and alive_with(str(portal.var)):
        time.sleep(0.3)
    assert alive_with(str(portal.var)) == []


def test_a_taken_port_is_one_clear_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = refuse(PORT=str(port))

    assert code == 1
    assert f"Port {port}" in said
    assert "Traceback" not in said


def test_an_unreachable_database_is_one_clear_sentence_without_the_password():
    port = embedded.free_port()

    code, said = refuse(DATABASE_URL=f"postgresql://portal:hidden-word@127.0.0.1:{port}/x")

    assert code == 1
    assert "DATABASE_URL" in said
    assert "hidden-word" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [("DATABASE_URL", "sqlite:///hidden-word", "postgresql://"), ("REDIS_URL", "http://hidden-word", "redis://")],
)
def test_an_address_of_another_kind_is_one_clear_sentence(name, value, wanted):
    code, said = refuse(**{name: value})

    assert code == 1
    assert f"{name} must begin with {wanted}" in said
    assert "hidden-word" not in said
    assert "Traceback" not in said


def test_outside_the_demo_a_missing_secret_is_one_clear_sentence():
    code, said = refuse(SEVA_DEMO="0")

    assert code == 1
    assert "SECRET_KEY is not set" in said
    assert "Traceback" not in said


def test_a_missing_module_is_one_clear_sentence(tmp_path):
    blocker = tmp_path / "sitecustomize.py"
    blocker.write_text(
        "import importlib.util as u\nf = u.find_spec\nu.find_spec = lambda n, *a: None if n == 'gunicorn' else f(n, *a)\n"
    )

    code, said = refuse(PYTHONPATH=str(tmp_path))

    assert code == 1
    assert "gunicorn" in said
    assert "Traceback" not in said
