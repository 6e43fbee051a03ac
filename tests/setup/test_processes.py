"""The portal's processes: beats that are killed, doubled and lose their memory, and logs that keep people's words."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid

import pytest
import redis
from django.conf import settings

from benchmarks.clients import Api
from config import sweeps
from config.embedded import data_folder, running_environment
from tests.portal import ROOT, RunningPortal
from tests.setup.test_supervisor import children_of, command_of

pytestmark = pytest.mark.processes

PHONE, WORDS = "9816077123", "Ram Lal hits his wife every night"


@pytest.fixture(scope="module")
def portal():
    running = RunningPortal().wait_until_ready()
    yield running
    running.stop()


def valkey(portal) -> redis.Redis:
    return redis.Redis.from_url(running_environment(portal.var)["REDIS_URL"])


def wait_for(what, seconds: float):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not after {seconds} s")


def runs(portal) -> dict:
    return dict(portal.in_database("SELECT task, ran_at FROM grievance_sweeprun"))


def sweeps_run_on(portal, seconds: float) -> None:
    """Each of those that run every few seconds runs again."""
    often = {task for task, schedule in sweeps.schedules().items() if schedule.run_every.total_seconds() <= 10}
    before = {task: ran for task, ran in runs(portal).items() if task in often}
    wait_for(lambda: all(runs(portal)[task] > ran for task, ran in before.items()), seconds)


def test_every_sweep_runs_and_is_marked(portal):
    wait_for(lambda: set(sweeps.schedules()) == set(runs(portal)), 60)
    sweeps_run_on(portal, 40)


def test_after_flushall_the_schedule_comes_back_by_itself_and_beat_lives_on(portal):
    wait_for(lambda: valkey(portal).exists("redbeat::lock"), 10)
    beat = [pid for pid in children_of(portal.process.pid) if " beat " in command_of(pid)]
    valkey(portal).flushall()

    wait_for(lambda: valkey(portal).zcard("redbeat::schedule") == len(settings.CELERY_BEAT_SCHEDULE), 10)
    sweeps_run_on(portal, 40)
    assert [pid for pid in children_of(portal.process.pid) if " beat " in command_of(pid)] == beat


def test_a_second_beat_waits_while_the_first_rings_and_takes_over_when_it_is_killed(portal):
    environment = {**os.environ, **running_environment(portal.var)}
    second = subprocess.Popen([sys.executable, "-m", "celery", "-A", "config", "beat", "--pidfile", ""], cwd=ROOT,
                              env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        time.sleep(4)
        holder = valkey(portal).get("redbeat::lock")
        for _second in range(8):
            time.sleep(1)
            assert valkey(portal).get("redbeat::lock") == holder
        assert second.poll() is None

        beat = next(pid for pid in children_of(portal.process.pid) if " beat " in command_of(pid))
        os.kill(beat, signal.SIGKILL)
        wait_for(lambda: valkey(portal).get("redbeat::lock") not in (None, holder), 15)
        sweeps_run_on(portal, 40)
    finally:
        second.kill()
        second.wait()
    wait_for(lambda: valkey(portal).get("redbeat::lock"), 20)
    sweeps_run_on(portal, 40)


def test_a_sweep_that_no_worker_runs_is_named_after_three_periods(portal):
    worker = next(pid for pid in children_of(portal.process.pid) if "worker@" in command_of(pid))
    os.killpg(worker, signal.SIGSTOP)
    try:
        # Of these sweeps three periods are 15 and 30 seconds.
        answer = wait_for(lambda: "route_registered" in checks(portal)["sweeps"] and checks(portal), 60)
        assert "follow_readers" in answer["sweeps"]
    finally:
        os.killpg(worker, signal.SIGCONT)
    wait_for(lambda: checks(portal)["sweeps"] == "ok", 90)


def checks(portal) -> dict:
    answer = subprocess.run(["curl", "-s", f"{portal.url}/readyz"], capture_output=True, text=True, timeout=20).stdout
    return json.loads(answer)["checks"]


def register(portal, text: str) -> int:
    """Registers by the API; returns the code of the answer."""
    body = {"category": "pwd-rest-house", "area": "p-2501", "text": text, "citizen": {"phone": f"+91{PHONE}"}}
    try:
        Api(portal.url).call("POST", "/api/v1/complaints/", portal.demo()["keys"]["partner_demo"], body,
                             {"Idempotency-Key": uuid.uuid4().hex})  # fmt: skip
    except RuntimeError as error:
        return int(str(error).split(": ")[1][:3])
    return 201


def test_what_people_typed_is_in_no_log_even_when_everything_fails(portal):
    """A rule of the database that breaks puts the whole row into the error: in a request, in the API, in a task."""
    register(portal, WORDS)
    plant = "ALTER TABLE {} ADD CONSTRAINT planted CHECK (({}) !~ '{}') NOT VALID"
    portal.in_database(plant.format("grievance_complaint", "text", "Ram Lal"))
    assert register(portal, WORDS) == 500
    portal.in_database("ALTER TABLE grievance_complaint DROP CONSTRAINT planted")

    portal.in_database(plant.format("channels_delivery", "address", PHONE))
    assert register(portal, WORDS) == 201
    failing = "SELECT failure FROM grievance_readerposition WHERE name = 'messages' AND failed_at IS NOT NULL"
    wait_for(lambda: portal.in_database(failing), 20)
    portal.in_database("ALTER TABLE channels_delivery DROP CONSTRAINT planted")

    jar = ["-s", "-c", str(portal.var / "jar"), "-b", str(portal.var / "jar")]
    sign_in(portal, jar)
    code = wait_for(lambda: codes(portal), 10)[-1]
    portal.in_database(plant.format("channels_keptmessage", "address", PHONE))
    sign_in(portal, jar)
    portal.in_database("ALTER TABLE channels_keptmessage DROP CONSTRAINT planted")
    curl(*jar, f"{portal.url}/track/?phone={PHONE}&number={PHONE}")
    curl(*jar, f"{portal.url}/complaints/?q=%FF{PHONE}")

    time.sleep(1)
    written = {path.name: path.read_text(errors="replace") for folder in (portal.var / "log", data_folder(portal.var))
               for path in folder.glob("*.log")}  # fmt: skip
    assert {"web.log", "worker.log", "messenger.log", "beat.log", "postgres.log"} <= set(written)
    for name, text in written.items():
        for secret in (PHONE, f"{PHONE[:5]} {PHONE[5:]}", "Ram Lal", "his wife", code):
            assert secret not in text, (name, next(line for line in text.splitlines() if secret in line))
    lines = [json.loads(line) for name in ("web.log", "worker.log", "messenger.log", "beat.log")
             for line in written[name].splitlines()]  # fmt: skip
    assert any("planted" in line.get("error", "") and line.get("request_id") for line in lines)
    assert any("planted" in line.get("error", "") and line.get("task_id") for line in lines)


def codes(portal) -> list[str]:
    words = [word for body in portal.outbox(f"+91{PHONE}") for word in body.replace(".", " ").split()]
    return [word for word in words if word.isdigit() and len(word) == 6]


def curl(*arguments: str) -> str:
    return subprocess.run(["curl", *arguments], capture_output=True, text=True, timeout=30).stdout


def sign_in(portal, jar: list[str]) -> None:
    page = curl(*jar, f"{portal.url}/sign-in/")
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    curl(*jar, "--data", f"csrfmiddlewaretoken={token}&phone={PHONE}", f"{portal.url}/sign-in/")
