"""The public page: the state exact as of now, the parts as published, light, and never more than it may say."""

import re

import pytest
from django.utils.html import escape

from dashboards import figures, releases
from dashboards.models import Release
from departments import remembered

from .test_open_data import spring  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)
PERIODS = ("all", "year", "12-months", "2026-03", "2026-04", "2019-01")


def page_of(client, period="all", language="en") -> str:
    return client.get(f"/figures/?period={period}", headers={"accept-language": language}).content.decode()


def test_every_number_stands_beside_its_meaning_and_formula(spring, client):  # noqa: F811
    for language in ("en", "hi"):
        page = page_of(client, language=language)
        from django.utils.translation import override

        with override(language):
            for name in ("registered", "open", "on_time", "satisfied_of_disposed", "praised_of_asked", "praised_of_answered",
                         "answered_of_asked", "reopened_share", "median_days", "p90_days"):  # fmt: skip
                assert escape(str(figures.FIGURES[name].definition)) in page
                assert escape(str(figures.FIGURES[name].formula)) in page


# Many periods in one test: the state around each takes far longer than its page.
def test_any_period_has_its_page(spring, client, django_assert_max_num_queries):  # noqa: F811
    for period in PERIODS:
        remembered.forget()
        with django_assert_max_num_queries(16, info=period):
            assert client.get(f"/figures/?period={period}").status_code == 200, period


def test_what_is_no_period_is_not_found(spring, client, django_assert_max_num_queries):  # noqa: F811
    for period in ("2026-13", "2027-01", "9999-99", "yesterday", "", "%00", "2026-03-01", "२०२६-०३"):
        remembered.forget()
        with django_assert_max_num_queries(1, info=period):
            assert client.get(f"/figures/?period={period}").status_code in (400, 404), period


def test_small_parts_are_withheld_while_the_state_is_exact(spring, client):  # noqa: F811
    page = page_of(client)

    assert ("registered", "15") in re.findall(r'data-figure="(\w+)">([\d,]+)<', page)
    parts = page[page.index("By district") :]
    assert re.findall(r"By department: all figures of (\d+) are withheld", parts) == ["2"]
    assert {str(spring.water), str(spring.roads)} <= set(re.findall(r"<li>([^<]*)</li>", parts))
    assert ">2<" not in parts
    assert "numeric" not in parts


def test_a_part_with_one_public_figure_keeps_its_row(spring, client):  # noqa: F811
    Release.objects.filter(dimension="department").update(
        monthly={str(spring.water.pk): {"registered": 20, "disposed": None}}
    )

    table = re.search(r'aria-label="By department".*?</table>', page_of(client), re.DOTALL).group()

    assert re.findall(r'numeric">([^<]*)</td>', table)[:2] == ["20", "*"]


@pytest.mark.parametrize("address", ["/figures/", "/open-data/"])
def test_what_is_long_is_folded_without_javascript_and_says_what_it_holds(spring, client, address):  # noqa: F811
    Release.objects.filter(dimension="department").update(monthly={str(spring.water.pk): {"registered": 20}})
    page = client.get(address, headers={"accept-language": "en"}).content.decode()
    folds = re.findall(r'<details class="seva-fold[^>]*>\s*<summary>\s*(\w+)<span[^>]*>: ([^<]+)</span>', page)

    assert folds
    assert all(word in ("Show", "Meaning") and what.strip() for word, what in folds)


def test_a_longer_period_is_the_sum_of_published_months_and_no_more(spring):  # noqa: F811
    department, other = str(spring.water.pk), str(spring.roads.pk)
    Release.objects.filter(dimension="department").update(monthly={department: {"registered": 20}})
    march = Release.objects.get(dimension="department")
    row = {"registered": None}
    Release.objects.create(dimension="department", month="2026-02-01", basis={}, daily={}, made_at=march.made_at,
                           monthly={department: row, other: row})  # fmt: skip

    sums = releases.sums("department", None, None, releases.version())

    assert (sums[department]["registered"], sums[department]["withheld"]["registered"]) == (20, 1)
    assert (sums[other]["registered"], sums[other]["withheld"]["registered"]) == (0, 1)


def test_a_page_that_has_not_changed_is_not_sent_again(spring, client):  # noqa: F811
    answer = client.get("/figures/")
    assert "no-cache" in answer["Cache-Control"]
    assert client.get("/figures/", headers={"if-none-match": answer["ETag"]}).status_code == 304
    spring.register()
    assert client.get("/figures/", headers={"if-none-match": answer["ETag"]}).status_code == 200
