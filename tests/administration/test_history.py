"""Who changed which setting when, in the reader's language; and nothing of it costs other pages anything."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pghistory.models import Context

from departments.history import changes
from departments.models import Holiday
from tests.factories import DepartmentFactory


def change(pages, department, **values):
    data = {"code": department.code, "name_en": department.name_en, "name_hi": department.name_hi, "is_active": "on"}
    return pages.post(reverse("admin:departments_department_change", args=[department.pk]), data | values)


def test_history_says_who_changed_what_from_what_to_what(pages, administrator):
    department = DepartmentFactory(name_en="Irrigation")
    change(pages, department, name_en="Jal Shakti", is_active="")
    page = pages.get(
        reverse("admin:departments_department_history", args=[department.pk])
    ).content.decode()
    assert "Chief Administrator (chief)" in page
    assert "<del>Irrigation</del>" in page
    assert "Jal Shakti" in page
    newest, first = changes(department)[0]
    assert {(d.old, d.new) for d in newest.differences} == {("Irrigation", "Jal Shakti"), ("Yes", "No")}
    assert first.who == "The portal itself"


def test_history_is_paged_and_costs_the_same_for_any_length(pages, administrator):
    department = DepartmentFactory()
    for number in range(60):
        department.name_en = f"Name {number}"
        department.save()
    with CaptureQueriesContext(connection) as queries:
        shown, following = changes(department)
    assert len(shown) == 50
    assert len(queries) <= 2
    rest, end = changes(department, before=following)
    assert (len(rest), end) == (11, None)
    url = reverse("admin:departments_department_history", args=[department.pk])
    assert pages.get(url, {"before": following}).status_code == 200
    assert pages.get(url, {"before": "x"}).status_code == 200


def test_a_deletion_stays_in_the_record(pages, administrator):
    import datetime

    from django.utils import timezone

    holiday = Holiday.objects.create(date=timezone.localdate() + datetime.timedelta(40), name_en="Feast of apples")
    pages.post(reverse("admin:departments_holiday_delete", args=[holiday.pk]), {"post": "yes"})
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr) == (administrator, "Feast of apples")
    assert "Feast of apples" in pages.get(reverse("admin:admin_logentry_changelist")).content.decode()


def test_rights_and_passwords_are_told_without_what_they_are(pages, world):
    officer = world.l1.officer
    password = {"password1": "unusual words here", "password2": "unusual words here", "usable_password": "true"}
    pages.post(reverse("admin:auth_user_password_change", args=[officer.pk]), password)
    page = pages.get(reverse("admin:citizens_user_history", args=[officer.pk])).content.decode()
    assert LogEntry.objects.get().get_change_message() in page
    assert "unusual" not in page


@pytest.mark.django_db
def test_outside_the_administration_nothing_is_noted():
    Client().post(reverse("sign_in"), {"phone": "9812345678"})
    assert not Context.objects.exists()
