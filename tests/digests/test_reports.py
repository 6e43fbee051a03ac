"""Boards by e-mail: once a period, when and in which language an administrator says, to those whom they are about."""

import datetime
import itertools
import re
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.test import Client

from channels import message_templates, reports
from channels.models import Delivery, DigestRun, ReportSchedule
from citizens.models import User
from departments.models import Holiday
from grievance import report_link
from tests.administration.conftest import signed_in
from tests.crowd import all_at_once
from tests.factories import CategoryFactory, PostingFactory, World

IST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
DAY = datetime.timedelta(days=1)
MONDAY = datetime.datetime(2026, 11, 2, 9, 5, tzinfo=IST)
TUESDAY = MONDAY + DAY
BACKEND = "citizens.backends.StaffBackend"


@pytest.fixture
def world(db):
    message_templates.load()
    world = World()
    ReportSchedule.objects.all().delete()
    return world


def daily(**fields) -> ReportSchedule:
    return ReportSchedule.objects.create(report="state", every="day", **fields)


def weekly(**fields) -> ReportSchedule:
    return ReportSchedule.objects.create(report="department", every="week", **fields)


def make_at(moment) -> int:
    with time_machine.travel(moment, tick=False):
        return reports.make_due()


def link_of(delivery) -> str:
    [link] = re.findall(rf"{re.escape(settings.BASE_URL)}(/\S+)", delivery.body)
    return link


def browser_of(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=BACKEND)
    return client


@pytest.mark.django_db
def test_a_state_begins_with_a_daily_and_a_weekly_report():
    # Other tests empty tables, and what a migration wrote with them; so its step is taken again here.
    ReportSchedule.objects.all().delete()
    import_module("channels.migrations.0007_first_reports_by_email").begin(apps, None)

    found = ReportSchedule.objects.filter(is_active=True).values_list("report", "every")
    assert set(found) == {("state", "day"), ("department", "week")}


def test_the_chief_ministers_office_gets_its_board_once_each_working_day(world):
    daily(hour=9)
    officer = world.cm_office.officer

    assert make_at(MONDAY.replace(hour=8)) == 0
    assert make_at(MONDAY) == 1
    assert make_at(MONDAY + 3 * datetime.timedelta(hours=1)) == 0
    assert make_at(TUESDAY) == 1
    assert make_at(MONDAY + 6 * DAY) == 0, "a Sunday"

    sent = Delivery.objects.get(key__contains=f":{MONDAY.date()}:")
    assert (sent.recipient, sent.channel, sent.address, sent.template) == (
        officer,
        "email",
        officer.email,
        "daily_report",
    )


def test_each_head_gets_their_own_department_each_week(world):
    weekly(weekday=2)
    other = PostingFactory(post__department=world.roads, post__level=4, post__area=world.state)

    assert make_at(MONDAY) == 0
    assert make_at(TUESDAY) == 2
    assert make_at(TUESDAY + DAY) == 0
    assert make_at(TUESDAY + 7 * DAY) == 2

    subjects = dict(Delivery.objects.order_by("id").values_list("recipient", "body"))
    assert set(subjects) == {world.l4.officer_id, other.officer_id}


def test_on_a_holiday_the_weekly_report_goes_the_next_working_day(world):
    weekly(weekday=1)
    Holiday.objects.create(date=MONDAY.date(), name_en="Feast", kind="gazetted")

    assert make_at(MONDAY) == 0
    assert make_at(TUESDAY) == 1


def test_where_the_rest_of_the_week_is_closed_it_goes_in_the_next(world):
    weekly(weekday=5)
    friday, saturday = (MONDAY + days * DAY for days in (4, 5))
    for closed in (friday, saturday):
        Holiday.objects.create(date=closed.date(), name_en="Feast", kind="gazetted")

    assert [make_at(moment) for moment in (MONDAY, friday, saturday, MONDAY + 6 * DAY)] == [0] * 4
    assert make_at(MONDAY + 7 * DAY) == 1
    assert make_at(TUESDAY + 7 * DAY) == 0
    assert make_at(friday + 7 * DAY) == 1


def days_linked() -> list[tuple[datetime.date, datetime.date]]:
    """The days of each report sent, in order."""
    tokens = [link_of(sent).strip("/").rsplit("/", 1)[1] for sent in Delivery.objects.order_by("id")]
    found = [signing.loads(token, salt=report_link.SALT) for token in tokens]
    return [tuple(datetime.date.fromisoformat(day) for day in days) for _reader, _board, *days, _language in found]


@pytest.mark.parametrize("every", ["day", "week"])
def test_no_day_is_in_no_report_however_many_are_closed_or_nothing_ran(world, every):
    schedule = daily() if every == "day" else ReportSchedule.objects.create(report="state", every="week", weekday=3)
    # A Wednesday, a week without a working day after its Wednesday, and days on which no worker ran.
    closed, down = range(2, 10), (13, 14, 23)
    for day in closed:
        Holiday.objects.get_or_create(date=(MONDAY + day * DAY).date(), defaults={"name_en": "F", "kind": "gazetted"})
    with time_machine.travel(MONDAY, tick=False) as now:
        for day in range(45):
            now.move_to(MONDAY + day * DAY)
            if day == 30:
                schedule.weekday = 5
                schedule.save()
            if day not in down:
                reports.make_due()

    spans = days_linked()
    assert len(spans) >= 5
    for (_first, last), (first, _last) in itertools.pairwise(spans):
        assert first == last + DAY


@pytest.mark.parametrize(("moment", "first", "last"), [
    (TUESDAY, "2026-11-02", "2026-11-02"),
    (MONDAY, "2026-10-31", "2026-11-01"),
])  # fmt: skip
def test_a_daily_report_is_about_the_days_since_the_last_one(world, moment, first, last):
    schedule = daily()
    assert [day.isoformat() for day in reports.days_of(schedule, moment.date())] == [first, last]


def test_the_reader_alone_opens_the_pdf_and_only_for_two_weeks(world):
    daily(language="en")
    with time_machine.travel(TUESDAY, tick=False) as now:
        reports.make_due()
        link = link_of(Delivery.objects.get())
        client = browser_of(world.cm_office.officer)

        answer = client.get(link)
        assert answer["Location"] == "/boards/?from=2026-11-02&to=2026-11-02&pdf=en"
        assert client.get(answer["Location"]).content.startswith(b"%PDF-")
        assert browser_of(world.l4.officer).get(link).status_code == 404
        assert browser_of(world.cm_office.officer).get(link.replace(":", "a", 1)).status_code == 404
        stranger = Client().get(link)
        assert stranger.status_code == 302
        assert stranger["Location"].startswith("/staff/sign-in/?next=")

        now.shift(report_link.GOOD_FOR + DAY)
        client = browser_of(world.cm_office.officer)
        old = client.get(link)
        assert old["Location"] == "/boards/"
        assert "too old" in client.get("/boards/").content.decode()


def test_a_head_who_left_finds_nothing_behind_the_link(world):
    weekly(weekday=1)
    with time_machine.travel(MONDAY, tick=False):
        reports.make_due()
        link = link_of(Delivery.objects.get(recipient=world.l4.officer))
        opened = browser_of(world.l4.officer).get(link, follow=True)
        assert opened.content.startswith(b"%PDF-")
        world.l4.ends_on = MONDAY.date() - DAY
        world.l4.save()
        assert browser_of(world.l4.officer).get(link, follow=True).status_code == 404


@pytest.mark.parametrize(("chosen", "own", "read"), [("", "hi", "hi"), ("", "en", "en"), ("en", "hi", "en")])
def test_it_is_in_the_language_chosen_or_the_readers_own(world, chosen, own, read):
    daily(language=chosen)
    world.cm_office.officer.language = own
    world.cm_office.officer.save()
    make_at(TUESDAY)

    sent = Delivery.objects.get()
    assert sent.language == read
    assert sent.body.startswith({"hi": "नमस्ते", "en": "Dear"}[read])
    assert {"hi": "मुख्यमंत्री का बोर्ड", "en": "Chief Minister's board"}[read] in sent.subject
    assert "{{" not in sent.subject + sent.body


def test_what_is_switched_off_and_who_has_no_address_gets_nothing(world):
    schedule = daily(is_active=False)
    assert make_at(TUESDAY) == 0
    assert not DigestRun.objects.exists()
    schedule.is_active = True
    schedule.save()
    world.cm_office.officer.email = ""
    world.cm_office.officer.save()
    assert make_at(TUESDAY) == 0


def test_confidential_lines_get_no_report(world):
    weekly(weekday=1)
    CategoryFactory(department=world.water, confidential=True, line="181")
    head = PostingFactory(post__department=world.water, post__level=4, post__area=world.state, post__line="181")
    make_at(MONDAY)
    assert not Delivery.objects.filter(recipient=head.officer).exists()
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_come_together_make_each_once():
    message_templates.load()
    world = World()
    ReportSchedule.objects.all().delete()
    daily()
    assert world.cm_office
    with time_machine.travel(TUESDAY, tick=False):
        all_at_once(*[reports.make_due] * 4)
    assert Delivery.objects.count() == 1


def test_an_administrator_sets_when_it_goes_and_switches_it_off(world):
    schedule = daily()
    pages = signed_in(User.objects.create_superuser("chief", "a very long password", name="Chief Administrator"))
    address = f"/admin/channels/reportschedule/{schedule.pk}/change/"
    fields = {"report": "state", "every": "day", "weekday": 1, "hour": 11, "language": "hi"}

    assert pages.post(address, fields | {"hour": 24}).status_code == 200
    assert pages.post(address, fields).status_code == 302

    schedule.refresh_from_db()
    assert (schedule.hour, schedule.language, schedule.is_active) == (11, "hi", False)
