"""Pages are cut off after a minute; what goes through a large state's tables is not."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from channels import partitions
from config import backup
from config.time_limits import queries_take_time, take_time
from grievance import readers

pytestmark = pytest.mark.django_db(transaction=True)

OF_PAGES = {"lock_timeout": "5s", "statement_timeout": "1min", "idle_in_transaction_session_timeout": "1min"}
NONE = dict.fromkeys(OF_PAGES, "0")


def limits() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{limit}')" for limit in OF_PAGES))
        return dict(zip(OF_PAGES, cursor.fetchone(), strict=True))


def limits_at(words: str, do) -> list[dict[str, str]]:
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
        assert limits() == NONE

    assert limits() == OF_PAGES


def test_a_migration_takes_its_time_but_waits_for_no_lock(monkeypatch):
    found = []
    monkeypatch.setattr(migrate.Command, "handle", lambda _self, *_args, **_options: found.append(limits()))

    call_command("migrate", verbosity=0)

    assert found == [OF_PAGES | {"statement_timeout": "0"}]
    assert limits() == OF_PAGES


def test_the_log_of_a_restored_database_takes_its_time_to_be_adopted(world):
    world.register()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE grievance_event SET xid = xid + 5000000")
        cursor.execute("RESET session_replication_role")

    assert limits_at("UPDATE grievance_event SET xid", readers.adopt_log) == [NONE]


def test_a_backup_takes_its_time_to_count(world):
    world.register()

    def count():
        with transaction.atomic():
            backup._contents()

    assert limits_at("COUNT(*)", count)[0] == NONE


def test_a_verified_log_and_a_replayed_reader_take_their_time_to_count(world):
    world.register()

    counted = limits_at("COUNT(*)", lambda: call_command("verify_log", stdout=StringIO()))
    assert counted == [NONE]
    found = limits_at('FROM "grievance_event"', lambda: call_command(
        "replay_reader", "messages", start=f"{timezone.localdate()}", yes=True, stdout=StringIO()))  # fmt: skip
    assert found
    assert all(limit == NONE for limit in found)


def test_a_months_strays_take_their_time_but_wait_for_no_lock(world):
    month = partitions.first_of(timezone.localdate(), 30)

    with transaction.atomic():
        [found] = limits_at("ATTACH PARTITION", lambda: partitions._make(month))
        transaction.set_rollback(True)

    assert found == NONE | {"lock_timeout": "5s"}


def test_a_reader_that_begins_anew_lets_no_board_wait_for_the_lock_it_needs(world):
    figures = readers.named("figures")

    [found] = limits_at("TRUNCATE", lambda: readers.place(figures, readers.point_before(None)))

    assert found == NONE | {"lock_timeout": "5s"}


def test_outside_a_transaction_nothing_is_lifted_without_saying_so():
    with pytest.raises(TransactionManagementError):
        take_time()


def test_behind_pgbouncer_no_session_is_without_limits(settings):
    settings.PGBOUNCER = True

    with queries_take_time():
        assert limits() == OF_PAGES


def test_what_went_wrong_is_said_though_the_connection_is_lost(cut):
    def read():
        with queries_take_time():
            cut()
            limits()

    with pytest.raises(OperationalError):
        read()
