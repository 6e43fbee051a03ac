"""Messages lie in a table a month: none is refused, none doubled, and old months can be put away."""

import datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from channels import deliveries, message_templates, notices, partitions
from channels.models import Delivery
from channels.tasks import make_partitions
from tests.factories import World, told

MONTH = datetime.timedelta(days=31)
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    """As many months as beat would have made, gone again with the test."""
    partitions.make_ahead()
    return World()


def table_of(delivery) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM channels_delivery WHERE id = %s", [delivery.pk])
        return cursor.fetchone()[0]


def test_a_message_lies_in_the_table_of_its_month(world):
    now = timezone.now()
    delivery = told(world.register().events.get(), sent_at=now)

    assert table_of(delivery) == partitions.name_of(partitions.month_of(delivery))


def test_a_month_is_one_of_the_states_calendar(world):
    # Half past midnight on 1 December in the state is still November in Greenwich.
    night = datetime.datetime(2026, 11, 30, 19, 0, tzinfo=datetime.UTC)
    partitions.make_ahead(datetime.date(2026, 11, 5))

    assert table_of(told(world.register().events.get(), sent_at=night)) == "channels_delivery_2026_12"


def test_months_are_made_ahead_and_a_missing_one_is_said_and_refuses_nothing(world, client):
    later = timezone.now() + 8 * MONTH
    with time_machine.travel(later, tick=False):
        stray = told(world.register().events.get(), sent_at=later)
        assert table_of(stray) == partitions.DEFAULT
        assert partitions.strays() == 1
        assert len(partitions.missing()) == 2
        assert f"no table for the messages of {later:%Y-%m}" in client.get("/readyz").json()["warnings"]["partitions"]

        make_partitions()

        assert partitions.missing() == []
        assert "partitions" not in client.get("/readyz").json()["warnings"]
        # What the default partition had taken is where it belongs.
        assert table_of(stray) == partitions.name_of(partitions.month_of(stray))
        assert partitions.strays() == 0
        make_partitions()


def test_what_strayed_in_a_month_that_passed_without_a_table_is_said_and_gets_its_table(world, client):
    strayed_at = timezone.now() + 8 * MONTH
    with time_machine.travel(strayed_at, tick=False):
        stray = told(world.register().events.get(), sent_at=strayed_at)
    with time_machine.travel(strayed_at + 2 * MONTH, tick=False):
        for month in (partitions.first_of(timezone.localdate(), n) for n in range(2)):
            partitions._make(month)
        assert partitions.missing() == []
        assert client.get("/readyz").json()["warnings"]["partitions"] == "1 messages lie in no month's table"

        make_partitions()

        assert "partitions" not in client.get("/readyz").json()["warnings"]
        assert table_of(stray) == partitions.name_of(partitions.month_of(stray))


def test_a_month_that_was_put_away_is_not_begun_again(world):
    old = timezone.now() - 20 * MONTH
    partitions._make(partitions.first_of(timezone.localdate(old)))
    assert partitions.put_away(partitions.first_of(timezone.localdate(), -13))
    told(world.register().events.get(), sent_at=old)

    assert partitions.make_ahead() == []
    assert partitions.strays() == 1


def test_the_same_event_read_again_makes_no_second_message(world):
    message_templates.load()
    event = world.register().events.get()
    notices.make_deliveries([event])
    made = Delivery.objects.count()
    with time_machine.travel(timezone.now() + 2 * MONTH):
        notices.make_deliveries([event])

    assert made == Delivery.objects.count() > 0


def test_old_months_are_put_away_whole_and_their_messages_are_not_made_again(world):
    message_templates.load()
    event = world.register().events.get()
    notices.make_deliveries([event])
    while deliveries.send_waiting():
        pass
    sent = Delivery.objects.count()
    with time_machine.travel(timezone.now() + 15 * MONTH):
        call_command("archive_partitions")

        assert Delivery.objects.count() == 0
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM archive.{partitions.name_of(partitions.first_of(event.at.date()))}")
            assert cursor.fetchone()[0] == sent
        notices.make_deliveries([event])
        assert Delivery.objects.count() == 0


def test_nothing_that_waits_is_put_away_and_no_near_month(world):
    message_templates.load()
    notices.make_deliveries([world.register().events.get()])
    with time_machine.travel(timezone.now() + 15 * MONTH):
        with pytest.raises(CommandError, match="still wait"):
            call_command("archive_partitions")
        assert Delivery.objects.exists()
    with pytest.raises(CommandError, match="At least 3 months"):
        call_command("archive_partitions", keep_months=1)


def test_what_is_claimed_and_recorded_is_looked_for_in_its_own_month(world, django_assert_max_num_queries):
    rows = [told(world.register().events.get(), sent_at=timezone.now())]

    plan = partitions.those(rows).explain()

    assert plan.count("Scan") == 1
