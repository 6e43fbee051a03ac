"""The state's reference data and its demo people: whole, joined up, and found in people's own words."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.db.models import Count
from django.test import TestCase, override_settings

from channels.models import MessageTemplate
from citizens.models import User
from departments.models import (
    Area,
    CannedReply,
    Category,
    DeadlinePolicy,
    Department,
    Holiday,
    PinCode,
    Posting,
    Role,
)
from departments.suggestions import suggest
from tests.once import once

# What people type, and the category they mean: at the top, or among the first three where two are as good.
TYPED = {
    "हमारे गाँव में पाँच दिन से पानी नहीं आ रहा": "jal-shakti-no-water", "paani nahi aa raha": "jal-shakti-no-water",
    "गंदा पानी आ रहा है": "jal-shakti-dirty-water", "handpump kharab": "jal-shakti-handpump",
    "road khadda": "pwd-potholes", "sadak mein gaddhe": "pwd-potholes", "pothole on road": "pwd-potholes",
    "landslide road blocked": "pwd-road-blocked", "bijli nahi hai": "hpsebl-power-cut", "low voltage": "hpsebl-low-voltage",
    "bijli ka bill zyada aaya": "hpsebl-wrong-bill", "transformer jal gaya": "hpsebl-transformer-burnt",
    "bus nahi aayi": "hrtc-bus-not-run", "bus driver ne badtameezi ki": "hrtc-staff-behaviour",
    "ration nahi mila": "food-civil-supplies-ration-not-given",
    "राशन कार्ड में नाम जोड़ना": "food-civil-supplies-name-addition",
    "budhapa pension nahi mili 3 mahine se": "social-justice-pension-stopped",
    "kachra nahi uthate": "urban-development-garbage-not-collected", "नाली जाम है": "urban-development-drain",
    "patwari paise mang raha hai": "vigilance-bribe", "jameen ka intkal": "revenue-mutation",
    "nishandehi": "revenue-demarcation", "police FIR nahi likh rahi": "police-fir-not-registered",
    "nasha bik raha hai": "police-drugs", "hospital mein dawai nahi hai": "health-medicine",
    "doctor nahi milta": "health-doctor-absent", "school mein teacher nahi hai": "school-education-teacher-vacancy",
    "मनरेगा का पैसा नहीं मिला": "rural-development-wages-pending", "pati marta hai": "women-child-development-domestic-violence",
    "GST refund": "state-taxes-excise-gst-refund", "illegal mining": "industries-illegal-mining",
}  # fmt: skip


class TheState(TestCase):
    @classmethod
    def setUpTestData(cls):
        call_command("load_reference", verbosity=0)

    def test_ninety_departments_in_both_languages(self):
        assert Department.objects.filter(is_active=True).count() == 90
        assert not Department.objects.filter(name_hi="").exists()
        assert not Department.objects.filter(categories=None).exists()

    def test_categories_are_many_nested_and_searchable_in_three_ways(self):
        assert Category.objects.count() >= 300
        assert Category.objects.exclude(fields=[]).count() >= 60
        assert not Category.objects.filter(name_hi="").exists()
        assert Category.objects.filter(group__parent__isnull=False).exists()
        bus = {
            field["key"] for category in Category.objects.filter(department__code="hrtc") for field in category.fields
        }
        assert bus >= {"bus_number", "route", "depot"}

    def test_the_area_tree_reaches_down_to_panchayats(self):
        count = dict(Area.objects.values_list("kind").annotate(n=Count("id")))
        assert count["district"] == 12
        for kind in ("tehsil", "block", "panchayat", "ward"):
            assert count[kind] > 50, kind
        assert not Area.objects.filter(name_hi="").exists()
        assert not Area.objects.filter(parent=None).exclude(kind="state").exists()

    def test_pin_codes_point_into_the_tree(self):
        assert PinCode.objects.count() > 1000
        assert not PinCode.objects.filter(area=None).exists()

    def test_holidays_and_ready_replies_are_there(self):
        assert Holiday.objects.filter(date__year=2026).count() >= 20
        assert CannedReply.objects.exclude(text_hi="").exclude(text_en="").exists()

    def test_loading_again_changes_nothing(self):
        def rows():
            return {m: list(m.objects.order_by("pk").values()) for m in (Area, Category, Department, PinCode, Holiday)}

        before = rows()
        call_command("load_reference", verbosity=0)
        assert rows() == before

    def test_what_an_administrator_changed_stays(self):
        Department.objects.filter(code="hrtc").update(name_en="Himachal Road Transport")
        call_command("load_reference", verbosity=0)
        assert Department.objects.get(code="hrtc").name_en == "Himachal Road Transport"

    def test_what_an_administrator_moved_or_removed_does_not_come_back(self):
        holiday = Holiday.objects.filter(kind="gazetted").first()
        Holiday.objects.filter(pk=holiday.pk).update(date=holiday.date + datetime.timedelta(days=1))
        removed = (CannedReply.objects.first(), DeadlinePolicy.objects.first(), MessageTemplate.objects.first())
        for row in removed:
            type(row).objects.filter(pk=row.pk).delete()
        models = (Holiday, CannedReply, DeadlinePolicy, MessageTemplate)
        before = {model: list(model.objects.order_by("pk").values()) for model in models}

        call_command("load_reference", verbosity=0)

        assert {model: list(model.objects.order_by("pk").values()) for model in models} == before

    def test_what_people_type_finds_what_they_mean(self):
        missed = {
            text: [category.code for category in suggest(text, limit=3)]
            for text, meant in TYPED.items()
            if meant not in [category.code for category in suggest(text, limit=3)]
        }
        assert missed == {}
        first = sum(suggest(text, limit=1)[0].code == meant for text, meant in TYPED.items())
        assert first >= 0.9 * len(TYPED)


@pytest.fixture(scope="module")
def demo_once(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")

    def make():
        with override_settings(VAR_DIR=folder):
            call_command("load_reference", verbosity=0)
            call_command("load_demo", verbosity=0)
        return json.loads((folder / "demo.json").read_text())

    yield from once(make, django_db_blocker)


@pytest.fixture
def demo(demo_once, db):
    return demo_once()


def test_ten_thousand_officers_and_one_at_every_level_for_every_category_in_every_place(demo):
    officers = User.objects.filter(kind=User.Kind.STAFF).count()
    assert 9_000 <= officers <= 12_000
    covering = {}
    for posting in Posting.objects.current().filter(post__role=Role.OFFICER).select_related("post"):
        covering.setdefault((posting.post.department_id, posting.post.level), set()).add(posting.post.area_id)
    lowest = [area.path_ids() for area in Area.objects.filter(children=None)]
    for (department,) in Department.objects.filter(categories__is_active=True).distinct().values_list("pk"):
        for level in (1, 2, 3, 4):
            held = covering.get((department, level), set())
            uncovered = [ids for ids in lowest if held.isdisjoint(ids)]
            assert uncovered == [], (department, level, uncovered[:3])


def test_every_demo_account_can_be_used_by_a_program(demo, client):
    accounts = demo["accounts"]
    assert len(accounts) > 9_000
    assert all(account["token"] for account in accounts)
    assert len({account["token"] for account in accounts}) == len(accounts)
    token = demo["keys"]["partner_demo"]
    assert client.get("/api/v1/complaints/", headers={"authorization": f"Token {token}"}).status_code == 200
    officer = next(account for account in accounts if account.get("level") == 1)
    assert client.get("/api/v1/complaints/", headers={"authorization": f"Token {officer['token']}"}).status_code == 200
