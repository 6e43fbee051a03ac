"""The servers of a machine that has none: what they hold, who may speak to them, when they end."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from config import embedded
from tests.portal import ROOT

pytestmark = pytest.mark.processes


@pytest.fixture
def var(tmp_path):
    yield tmp_path
    shutil.rmtree(embedded.data_folder(tmp_path), ignore_errors=True)


@pytest.fixture
def servers(var):
    running = embedded.start(var)
    yield running
    running.stop()


def ask(url: str, query: str):
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def eventually(holds, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def test_hindi_words_have_trigrams_so_that_search_finds_them(servers):
    assert ask(servers.database_url, "CREATE EXTENSION pg_trgm; SELECT cardinality(show_trgm('पेंशन'))") == 6


def test_nobody_comes_in_without_the_password(servers):
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(servers.database_url.replace("postgres:", "postgres:not-", 1))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(servers.redis_url.replace(":", ":not-", 2).replace("redis:not-", "redis:")).ping()


def test_secrets_are_for_the_owner_alone(servers, var):
    assert (embedded.data_folder(var) / "servers.json").stat().st_mode & 0o777 == 0o600


def test_the_broker_keeps_what_it_was_given_and_refuses_rather_than_forgets(servers):
    broker = redis.Redis.from_url(servers.redis_url)

    assert broker.config_get("appendonly")["appendonly"] == "yes"
    assert broker.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_a_killed_database_starts_again_at_the_same_address_with_its_rows(servers):
    connection = psycopg2.connect(servers.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 7 AS value")
    connection.close()
    next(process for process in servers.processes if process.label == "postgres").kill()
    assert eventually(lambda: servers.died() == ["postgres"])

    servers.restart("postgres")

    def kept():
        try:
            return ask(servers.database_url, "SELECT value FROM kept") == 7
        except psycopg2.OperationalError:
            return False

    assert eventually(kept)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_servers_die_with_whoever_started_them(var, end):
    script = (
        "import sys, time; from pathlib import Path; from config import embedded\n"
        "servers = embedded.start(Path(sys.argv[1]))\n"
        "print(*[process.pid for process in servers.processes], flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", script, str(var)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in owner.stdout.readline().split()]
    assert len(pids) == 2

    owner.send_signal(end)
    owner.communicate()

    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_a_start_that_was_cut_short_leaves_no_half_a_database(var):
    home = embedded.data_folder(var)
    (home / "postgres.new").mkdir(parents=True)
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")

    servers = embedded.start(var, valkey=False)

    assert ask(servers.database_url, "SELECT 1") == 1
    servers.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's data lies outside the clone")
def test_as_root_a_new_var_begins_with_new_data(tmp_path):
    first = embedded.data_folder(tmp_path)
    assert embedded.data_folder(tmp_path) == first

    shutil.rmtree(tmp_path)
    tmp_path.mkdir()

    assert embedded.data_folder(tmp_path) != first


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs them as itself")
def test_as_root_no_server_runs_as_root(servers):
    owners = {Path(f"/proc/{process.pid}").stat().st_uid for process in servers.processes}

    assert 0 not in owners


def test_the_environment_of_a_portal_that_ended_is_not_believed(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    text = '{"pid": %d, "environment": {"DATABASE_URL": "x"}}'
    for pid in (gone.pid, os.getpid()):
        (tmp_path / "environment.json").write_text(text % pid)

        assert embedded.running_environment(tmp_path) == {}
