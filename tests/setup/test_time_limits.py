"""Pages are cut off after a minute; what goes through a large state's tables is not."""

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection, transaction

from config import backup
from config.time_limits import LIMITS, take_time
from grievance import readers

pytestmark = pytest.mark.django_db(transaction=True)

OF_PAGES = ["5s", "1min", "1min"]


def limits() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{limit}')" for limit in LIMITS))
        return list(cursor.fetchone())


def limits_at(words: str, do) -> list[list[str]]:
    """What the limits are whenever a query with these words is made."""
    found = []

    def look(execute, sql, params, many, context):
        if words in sql:
            found.append(limits())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        do()
    return found


def test_what_takes_its_time_is_not_cut_off_and_the_next_is_limited_again():
    assert limits() == OF_PAGES

    with transaction.atomic():
        take_time()
        assert limits() == ["0", "0", "0"]

    assert limits() == OF_PAGES


def test_a_migration_takes_its_time_but_waits_for_no_lock(monkeypatch):
    found = []
    monkeypatch.setattr(migrate.Command, "handle", lambda _self, *_args, **_options: found.append(limits()))

    call_command("migrate", verbosity=0)

    assert found == [["5s", "0", "1min"]]
    assert limits() == OF_PAGES


def test_the_log_of_a_restored_database_takes_its_time_to_be_adopted(world):
    world.register()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE grievance_event SET xid = xid + 5000000")
        cursor.execute("RESET session_replication_role")

    assert limits_at("UPDATE grievance_event SET xid", readers.adopt_log) == [["0", "0", "0"]]


def test_a_backup_takes_its_time_to_count(world):
    world.register()

    def count():
        with transaction.atomic():
            backup._contents()

    assert limits_at("COUNT(*)", count)[0] == ["0", "0", "0"]
