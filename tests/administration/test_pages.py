"""Every page of the administration opens, in both languages, for a bounded number of queries, and for nobody else."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from config import urls  # noqa: F401 - where the administration's pages are registered
from tests.factories import CitizenFactory, PostingFactory

from .conftest import signed_in

# Session, person, permissions, the list's count and rows, and one query a filter; never one a row.
MOST_QUERIES = 16
SAME_IN_BOTH = {"channels.delivery.id"}
WITHOUT_ADDING = {"channels.delivery", "channels.deliveryswitch", "departments.calendarversion",
                  "grievance.export", "grievance.readerposition", "admin.logentry"}  # fmt: skip


def models():
    return sorted(model._meta.label_lower for model in admin.site._registry)


def address(label: str, page: str, *arguments) -> str:
    return reverse("admin:{}_{}_{}".format(*label.split("."), page), args=arguments)


@pytest.mark.parametrize("language", ["hi", "en"])
def test_every_list_add_change_and_history_page_opens(pages, one_of_each, language):
    pages.cookies["django_language"] = language
    for label in models():
        thing = one_of_each.get(label)
        wanted = [address(label, "changelist"), address(label, "changelist") + "?q=a"]
        if label not in WITHOUT_ADDING:
            wanted.append(address(label, "add"))
        if thing is not None:
            wanted += [address(label, "change", thing.pk), address(label, "history", thing.pk)]
        for url in wanted:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                response = pages.get(url)
            assert response.status_code == 200, url
            assert f'<html lang="{language}"' in response.content.decode(), url
            assert len(queries) <= MOST_QUERIES, (url, len(queries), [q["sql"][:150] for q in queries])


def test_every_kind_of_setting_has_a_page_and_complaints_have_none():
    labels = models()
    assert not {label for label in labels if label in {"grievance.complaint", "grievance.event", "grievance.draft"}}
    assert {"departments.category", "departments.absence", "channels.messagetemplate", "citizens.user"} <= set(labels)
    assert not any(label.split(".")[0] in {"axes", "account", "mfa", "usersessions", "pghistory"} for label in labels)


def test_a_list_costs_the_same_with_more_rows(pages, world):
    url = address("departments.posting", "changelist")
    pages.get(url)
    with CaptureQueriesContext(connection) as few:
        pages.get(url)
    PostingFactory.create_batch(30)
    with CaptureQueriesContext(connection) as many:
        pages.get(url)
    assert len(many) == len(few)


def test_strangers_are_led_to_the_staffs_sign_in(db):
    response = Client().get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "next=/admin/" in response.redirect_chain[-1][0]


def test_officers_and_citizens_find_nothing(world):
    citizen = Client()
    citizen.force_login(CitizenFactory(), "citizens.backends.CitizenBackend")
    for browser in (signed_in(world.l1.officer), citizen):
        for label in models():
            assert browser.get(address(label, "changelist")).status_code == 404
        for name in ("index", "officer_import", "login", "jsi18n"):
            assert browser.get(reverse(f"admin:{name}")).status_code == 404


def test_the_pages_keep_to_the_content_security_policy(pages, one_of_each):
    body = pages.get(address("departments.category", "change", one_of_each["departments.category"].pk)).content.decode()
    assert "<style" not in body
    assert " style=" not in body
    assert "unsafe" not in pages.get(reverse("admin:index")).headers["Content-Security-Policy"]


def test_hostile_searches_and_filters_are_answered(pages, one_of_each):
    for label in models():
        for query in (
            "?q=%27%22%5C",
            "?q=" + "a+" * 100,
            "?p=999999",
            "?kind=zzz",
            "?year=99999",
            "?o=999",
            "?in_force=x",
        ):
            response = pages.get(address(label, "changelist") + query)
            assert response.status_code in {200, 302}, (label, query)


def test_someone_with_one_right_sees_one_page(world):
    from django.contrib.auth.models import Permission

    from tests.factories import OfficerFactory

    keeper = OfficerFactory(is_staff=True)
    keeper.user_permissions.add(*Permission.objects.filter(codename__endswith="_holiday"))
    browser = signed_in(keeper)
    assert browser.get(address("departments.holiday", "changelist")).status_code == 200
    assert browser.get(address("departments.category", "changelist")).status_code == 403
    assert browser.get(reverse("admin:officer_import")).status_code == 403
    index = browser.get(reverse("admin:index")).content.decode()
    assert address("departments.holiday", "changelist") in index
    assert address("citizens.user", "changelist") not in index


def test_every_column_and_field_has_a_name_in_hindi():
    def labels(language):
        with override(language):
            return {
                f"{model._meta.label_lower}.{name}": str(label_for_field(name, model, page))
                for model, page in admin.site._registry.items()
                for name in {*page.list_display, *(page.fields or ())} - {"__str__"}
            }

    english, hindi = labels("en"), labels("hi")
    assert {name: label for name, label in hindi.items() if label == english[name] and name not in SAME_IN_BOTH} == {}


def test_every_list_counts_behind_its_filters_when_asked_to(pages, one_of_each):
    for label in models():
        assert pages.get(address(label, "changelist") + "?_facets=True").status_code == 200, label
