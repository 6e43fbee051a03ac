"""An administrator, an officer, and one thing of every kind that has a page."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone, translation

from channels.models import Delivery, DeliverySwitch, MessageTemplate, ReportSchedule
from citizens.models import ApiToken, User
from departments import calendars
from departments.models import Absence, CannedReply, CategoryGroup, DeadlinePolicy, Holiday, PinCode
from grievance.models import Export, ReaderPosition


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def administrator(db):
    return User.objects.create_superuser("chief", "a very long password", name="Chief Administrator")


@pytest.fixture
def pages(administrator):
    """A browser in which the administrator is signed in."""
    return signed_in(administrator)


def signed_in(user) -> Client:
    browser = Client()
    browser.cookies["django_language"] = "en"
    browser.force_login(user, "citizens.backends.StaffBackend")
    return browser


def make_delivery(recipient, **more):
    values = {
        "template": "registered", "audience": "citizen", "channel": "sms", "language": "hi",
        "address": "+919812345678", "body": "secret https://example.org/v/signed/", "key": f"k{recipient.pk}",
        "available_at": timezone.now(), "created_at": timezone.now(), **more,
    }  # fmt: skip
    return Delivery.objects.create(recipient=recipient, **values)


@pytest.fixture
def one_of_each(world, administrator):
    """One thing at least of every kind that has a page, by `app.model`."""
    today = timezone.localdate()
    group = CategoryGroup.objects.create(code="taps", department=world.water, name_en="Taps")
    return {
        "departments.area": world.panchayat,
        "departments.pincode": PinCode.objects.create(pincode="171001", office="Theog", area=world.block),
        "departments.department": world.water,
        "departments.categorygroup": group,
        "departments.category": world.no_water,
        "departments.post": world.l1.post,
        "departments.posting": world.l1,
        "departments.absence": Absence.objects.create(posting=world.l1, starts_on=today, ends_on=today),
        "departments.deadlinepolicy": DeadlinePolicy.objects.create(department=world.water, level=1, minutes=2940),
        "departments.holiday": Holiday.objects.create(date=today + datetime.timedelta(30), name_en="Feast"),
        "departments.calendarversion": calendars.in_force(),
        "departments.reason": world_reason(),
        "departments.cannedreply": CannedReply.objects.create(action="ask", title_en="Ward?", text_en="Which ward?"),
        "citizens.user": world.l1.officer,
        "citizens.apitoken": ApiToken.objects.create(user=world.client, label="partner", key_hash="x"),
        "auth.group": Group.objects.create(name="Calendar keepers"),
        "channels.messagetemplate": MessageTemplate.objects.create(
            event="registered", audience="citizen", channel="sms", language="en", body="Number {{ number }}"
        ),
        "channels.delivery": make_delivery(world.citizen),
        "channels.deliveryswitch": DeliverySwitch.objects.create(),
        "channels.reportschedule": ReportSchedule.objects.create(report="state", every="day"),
        "grievance.export": Export.objects.create(owner=world.l1.officer, format="csv", language="en", query="view=all"),
        "grievance.readerposition": ReaderPosition.objects.create(name="messages"),
    }


def world_reason():
    from departments.models import Reason

    return Reason.objects.first()
