"""A worker that was rung for and takes nothing is deaf; one that nobody rang for is not."""

import pytest
import redis

from config import embedded, health
from config.watchdog import DEAF_SECONDS, LOOK_SECONDS, Watchdog

START = 1_000_000.0


@pytest.fixture
def valkey():
    valkey = health.valkey()
    valkey.flushdb()
    return valkey


def looks(dog, valkey, seconds, *, beat=True, canary=False, begin=START) -> list[bool]:
    """What it says at each look while so many seconds pass."""
    said = []
    for second in range(0, seconds, LOOK_SECONDS):
        now = begin + second
        if beat:
            valkey.set(health.BEAT, int(now))
        if canary:
            valkey.set(health.WORKER, int(now))
        said.append(dog.is_deaf(now))
    return said


def test_a_worker_that_takes_nothing_for_two_minutes_is_deaf(valkey):
    dog = Watchdog(health.WORKER, START)
    assert not any(looks(dog, valkey, DEAF_SECONDS))
    assert looks(dog, valkey, 40, begin=START + DEAF_SECONDS)[-1]


def test_one_that_takes_canaries_is_not_and_flushall_is_no_reason(valkey):
    dog = Watchdog(health.WORKER, START)
    assert not any(looks(dog, valkey, 600, canary=True))
    valkey.flushdb()
    assert not any(looks(dog, valkey, DEAF_SECONDS - 20, begin=START + 600))


def test_without_beat_or_broker_nobody_is_deaf(valkey, monkeypatch):
    dog = Watchdog(health.WORKER, START)
    assert not any(looks(dog, valkey, 600, beat=False))
    monkeypatch.setattr(health, "valkey", lambda: redis.Redis(port=embedded.free_port(), socket_connect_timeout=1))
    assert not any(dog.is_deaf(START + second) for second in range(600, 1200, LOOK_SECONDS))


def test_workers_are_known_by_their_names():
    assert health.sign_of("messenger@machine") == health.MESSENGER
    assert health.sign_of("worker@machine") == health.sign_of("celery@machine") == health.WORKER
