"""Routing without its bell: Valkey flushed and the worker killed, the complaint still reaches its desk."""

import os
import signal
import time
import uuid

import pytest
import redis

from benchmarks.clients import Api
from config.embedded import running_environment
from tests.setup.test_supervisor import children_of, command_of

pytestmark = pytest.mark.processes


def register(portal) -> tuple[str, float]:
    """Registers by the API; returns the number and when it was acknowledged."""
    api, token = Api(portal.url), portal.demo()["keys"]["partner_demo"]
    body = {
        "category": "pwd-rest-house",
        "area": "p-2501",
        "text": "Room not given",
        "citizen": {"phone": "+919816000088"},
    }
    answer = api.call("POST", "/api/v1/complaints/", token, body, {"Idempotency-Key": uuid.uuid4().hex})
    return answer["number"], time.monotonic()


def seconds_to_the_desk(portal, number: str, since: float, most: float) -> float:
    token = portal.demo()["keys"]["partner_demo"]
    while time.monotonic() - since < most:
        if Api(portal.url).call("GET", f"/api/v1/complaints/{number}/", token)["state"] == "assigned":
            return time.monotonic() - since
        time.sleep(0.1)
    raise AssertionError(f"{number} was not on a desk after {most} s")


def test_by_the_bell_it_is_there_within_two_seconds(portal):
    register(portal)
    time.sleep(1.5)

    assert seconds_to_the_desk(portal, *register(portal), most=10) < 2


def test_without_the_bell_the_sweep_finds_it_within_fifteen_seconds(portal):
    workers = [pid for pid in children_of(portal.process.pid) if " worker " in command_of(pid)]
    os.killpg(workers[0], signal.SIGKILL)
    number, since = register(portal)
    redis.Redis.from_url(running_environment(portal.var)["REDIS_URL"]).flushall()

    seconds_to_the_desk(portal, number, since, most=25)


def test_messages_flow_again_after_all_that(portal):
    number, since = register(portal)
    seconds_to_the_desk(portal, number, since, most=20)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        mine = [body for body in portal.outbox("+919816000088") if number[-4:-1] in body.replace(" ", "")]
        if len(mine) >= 2:
            return
        time.sleep(0.5)
    raise AssertionError("the messages did not come")
