"""What all tests share."""

import gc
import os

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase, override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadFileScheduling

from departments import remembered
from grievance import doorbell
from tests import emptying

# A machine that does other things draws slowly, which says nothing about the portal.
hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any machine")


def pytest_collection_modifyitems(items):
    """Files that take a minute begin first: at the end one worker would wait for the other."""
    long = ("processes", "browser", "long")
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in long))


def pytest_collection_finish():
    """What is loaded by now stays to the end: Python need not look through it again and again for garbage."""
    gc.collect()
    gc.freeze()


class ByFile(LoadFileScheduling):
    """A file's tests go to one worker; those of the browser all to the same, for they share a portal."""

    def _split_scope(self, nodeid):
        return "tests/e2e" if nodeid.startswith("tests/e2e/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True, scope="session")
def _static_files_need_no_collecting():
    """Pages name static files as they lie in static/; the browser tests use the collected, hashed ones."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}, WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The test database is a copy of the one that `config/testing.py` migrated, where it did."""
    if "SEVA_MIGRATED" in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = connection.settings_dict["NAME"]


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    """Reference rows and the like are read anew in every test, once: no half minute ends in the middle of one. And every
    test rings for itself."""
    monkeypatch.setattr(remembered, "monotonic", lambda: 0)
    remembered.forget()
    doorbell.forget()


@pytest.fixture(autouse=True, scope="session")
def _passwords_cost_nothing():
    """A password is made slow to guess, and every test that signs somebody in would wait for it."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def _only_what_was_written_is_emptied():
    """Between tests that commit, Django empties all of a hundred and fifty tables and makes permissions anew: half of
    the time of such a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: emptying.empty())
        yield


@pytest.fixture
def world(db):
    """A small state with officers at every level."""
    from tests.factories import World

    return World()


@pytest.fixture
def cut(transactional_db):
    """A function that ends the test's own session on the server, as a restart of the database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()

    def cut():
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        other.close()

    yield cut
    connection.close()
