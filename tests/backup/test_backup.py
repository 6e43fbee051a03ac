"""A backup of a living portal, restored elsewhere: nothing is missing, the log holds, no message goes twice."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile

import pytest

from config import archive, embedded
from tests.portal import ROOT, RunningPortal

pytestmark = pytest.mark.processes

PLACE, MATTER = "p-2501", "pwd-rest-house"


def run(module: str, *arguments, var, **environment) -> tuple[int, str]:
    """A command of ours for the installation in `var`."""
    for_others = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LOG_KEY", "BASE_URL"}
    inherited = {key: value for key, value in os.environ.items() if key not in for_others}
    done = subprocess.run(
        [sys.executable, *module.split(), *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env={**inherited, "SEVA_VAR": str(var), "SEVA_DEMO": "1", **environment},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def portal():
    running = RunningPortal().wait_until_ready()
    running.manage("simulate", "--days", "3", "--complaints-per-day", "4")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def backup(portal, tmp_path_factory):
    code, said = run("-m config.backup", folder := tmp_path_factory.mktemp("backups"), var=portal.var)
    assert code == 0, said
    [path] = folder.glob("*.tar")
    return path


@pytest.fixture
def elsewhere(portal, tmp_path):
    """A folder with the keys that were kept beside the backup."""
    for name in ("secrets.json", "demo.json"):
        shutil.copy(portal.var / name, tmp_path)
    yield tmp_path
    shutil.rmtree(embedded.data_folder(tmp_path), ignore_errors=True)


def manifest_of(path) -> dict:
    with archive.reading(path) as (_tar, manifest):
        return manifest


def test_a_restored_backup_is_whole_goes_on_and_sends_nothing_until_released(portal, backup, elsewhere):
    code, said = run("-m config.restore", backup, var=elsewhere)

    assert code == 0, said
    for words in ("The log of 12 complaints holds", "figures equal a recount", "Messages are frozen"):
        assert words in said
    files = {path.relative_to(portal.var / "media"): path.read_bytes() for path in portal.var.glob("media/*/*")}
    assert files
    assert {path.relative_to(elsewhere / "media"): path.read_bytes() for path in elsewhere.glob("media/*/*")} == files
    servers = embedded.start(elsewhere)
    try:
        keys = json.loads((elsewhere / "secrets.json").read_text())
        there = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url, **keys}

        def manage(*arguments) -> str:
            code, said = run("manage.py", *arguments, var=elsewhere, **there)
            assert code == 0, said
            return said

        counting = "from channels.models import Delivery as D, KeptMessage as K; print('sent', K.objects.count())"
        sent = re.search(r"sent \d+", manage("shell", "-c", counting)).group()
        # A new server counts transactions from the beginning: the readers take what happens there all the same.
        manage("simulate", "--days", "1", "--complaints-per-day", "3", "--seed", "2")
        assert "15 complaints holds" in manage("verify_log")
        assert "equal a recount" in manage("check_figures")
        assert sent in manage("shell", "-c", counting)
        waiting = "print('waiting', D.objects.filter(state='queued').count())"
        release = "from channels import deliveries as d; d.release(); print(d.send_waiting())"
        assert "waiting 0" not in manage("shell", "-c", f"{counting}; {waiting}")
        manage("shell", "-c", release)
        assert sent not in manage("shell", "-c", counting)
    finally:
        servers.stop()


def test_the_keys_are_not_in_it_and_nobody_else_can_read_it(portal, backup):
    content = backup.read_bytes()

    for secret in json.loads((portal.var / "secrets.json").read_text()).values():
        assert secret.encode() not in content
    assert backup.stat().st_mode & 0o777 == 0o600


def test_the_manifest_says_what_is_in_it(backup):
    manifest = manifest_of(backup)

    assert manifest["counts"]["grievance.Complaint"] == 12
    assert manifest["last_event"]["pk"]
    assert all(re.fullmatch("[0-9a-f]{64}", found) for found in manifest["files"].values())


def test_a_flipped_byte_anywhere_is_refused(backup, tmp_path):
    content = bytearray(backup.read_bytes())
    with tarfile.open(backup) as tar:
        members = {member.name: member for member in tar.getmembers()}
    last = members[archive.SUM]
    places = [0, 150, members[archive.DUMP].offset_data + 4000, members[archive.MANIFEST].offset_data + 20,
              members[archive.MANIFEST].offset + 5, last.offset + 3, last.offset + 140, last.offset_data + 7,
              last.offset_data + 100, len(content) - 1]  # fmt: skip
    damaged = tmp_path / "damaged.tar"
    for place in places:
        content[place] ^= 1
        damaged.write_bytes(content)
        content[place] ^= 1
        with pytest.raises(archive.Damaged), archive.reading(damaged):
            pass
    damaged.write_bytes(content[: len(content) // 2])
    with pytest.raises(archive.Damaged), archive.reading(damaged):
        pass


def test_a_damaged_archive_is_one_clear_sentence_and_nothing_is_restored(backup, elsewhere):
    damaged = elsewhere / "damaged.tar"
    content = bytearray(backup.read_bytes())
    content[len(content) // 3] ^= 1
    damaged.write_bytes(content)

    code, said = run("-m config.restore", damaged, var=elsewhere)

    assert code == 1
    assert "Nothing was restored" in said
    assert "Traceback" not in said
    assert not (elsewhere / "media").exists()


def test_a_database_that_is_not_empty_is_left_alone(portal, backup):
    running = embedded.running_environment(portal.var)

    code, said = run("-m config.restore", backup, var=portal.var, **running)
    assert (code, "is not empty" in said) == (1, True)

    code, said = run("-m config.restore", backup, var=portal.var)
    assert (code, "runs from this folder" in said) == (1, True)


def test_with_another_log_key_it_says_why_the_log_does_not_hold(backup, elsewhere):
    code, said = run("-m config.restore", backup, var=elsewhere, LOG_KEY="another")

    assert code == 1
    assert "LOG_KEY is not the one" in said
    assert "Traceback" not in said


def test_without_the_keys_nothing_begins(backup, tmp_path):
    code, said = run("-m config.restore", backup, var=tmp_path)

    assert (code, "is not set" in said) == (1, True)


def test_without_a_portal_there_is_nothing_to_back_up(tmp_path):
    code, said = run("-m config.backup", tmp_path, var=tmp_path)

    assert code == 1
    assert "script/server" in said
