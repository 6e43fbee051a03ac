"""What the administration refuses, and what it says about it."""

import datetime
import json

import pytest
import redis
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from channels import message_events, template_check
from channels.models import Delivery, MessageTemplate
from departments import calendars, reference_data, remembered
from departments.models import (
    Absence,
    Area,
    CalendarVersion,
    Category,
    CategoryGroup,
    DeadlinePolicy,
    Holiday,
    Posting,
)
from grievance import clock, doorbell, handover, redating
from tests.factories import CategoryFactory, OfficerFactory, PostingFactory


def day(offset: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(offset)


def leave(posting, first, last, stand_in=None) -> Absence:
    absence = Absence(posting=posting, starts_on=day(first), ends_on=day(last), stand_in=stand_in)
    absence.full_clean()
    absence.save()
    return absence


def test_stand_ins_that_lead_back_are_refused_however_long_the_way(world):
    a, b, c = PostingFactory(), PostingFactory(), PostingFactory()
    leave(a, 0, 10, b)
    leave(b, 5, 15, c)
    with pytest.raises(ValidationError, match="come back"):
        leave(c, 8, 9, a)
    leave(c, 11, 15, a)  # by then the first is back


def test_overlapping_leave_and_a_stand_in_without_the_post_are_refused(world):
    a, other = PostingFactory(), PostingFactory(ends_on=day(3))
    leave(a, 0, 5)
    with pytest.raises(ValidationError, match="already has leave"):
        leave(a, 5, 7)
    with pytest.raises(ValidationError, match="does not hold that post"):
        leave(a, 6, 9, other)
    with pytest.raises(ValidationError, match="for themselves"):
        leave(a, 6, 9, PostingFactory(officer=a.officer))
    with pytest.raises(ValidationError, match="on all of these days"):
        leave(other, 2, 6)


def test_leave_without_dates_is_an_error_beside_the_field(pages, world):
    response = pages.post(reverse("admin:departments_absence_add"), {"posting": world.l1.pk, "starts_on": "", "ends_on": "x"})
    assert response.status_code == 200
    assert {"starts_on", "ends_on"} <= set(response.context["adminform"].form.errors)


def test_an_officer_cannot_hold_a_post_twice_at_once(world):
    with pytest.raises(ValidationError, match="already holds"):
        Posting(post=world.l1.post, officer=world.l1.officer, starts_on=day(3)).full_clean()
    with pytest.raises(ValidationError, match="member of staff"):
        Posting(post=world.l1.post, officer=world.citizen, starts_on=day(3)).full_clean()


def test_a_day_that_has_passed_cannot_become_a_holiday(pages, world):
    url = reverse("admin:departments_holiday_add")
    data = {"date": day(-1).isoformat(), "name_en": "Yesterday", "kind": "gazetted"}
    assert "has passed" in str(pages.post(url, data).context["adminform"].form.errors)
    assert not Holiday.objects.exists()
    assert pages.post(url, data | {"date": day(20).isoformat()}).status_code == 302
    holiday = Holiday.objects.get()
    Holiday.objects.update(date=day(-3))
    holiday.refresh_from_db()
    holiday.date = day(9)
    with pytest.raises(ValidationError, match="no longer be changed"):
        holiday.full_clean()
    assert pages.post(reverse("admin:departments_holiday_delete", args=[holiday.pk]), {"post": "yes"}).status_code == 403


def test_a_tree_cannot_bite_its_tail(world):
    world.district.parent = world.panchayat
    with pytest.raises(ValidationError, match="within it"):
        world.district.full_clean()
    top = CategoryGroup.objects.create(code="top", department=world.water, name_en="Top")
    below = CategoryGroup.objects.create(code="below", department=world.water, name_en="Below", parent=top)
    top.parent = below
    with pytest.raises(ValidationError, match="inside itself"):
        top.full_clean()
    assert Area.objects.get(pk=world.panchayat.pk).path == world.panchayat.path


GOOD = {"key": "ward", "kind": "text", "label_en": "Ward", "label_hi": "वार्ड"}
BAD_QUESTIONS = [
    "{", "{}", "[1]", "[" * 100_000, '[{"key": "A"}]', json.dumps([GOOD, GOOD]), json.dumps([GOOD | {"kind": "poem"}]),
    json.dumps([GOOD | {"label_hi": ""}]), json.dumps([GOOD | {"kind": "choice"}]),
    json.dumps([GOOD | {"kind": "choice", "choices": ["a"]}]), json.dumps([GOOD | {"pattern": "("}]),
    json.dumps([GOOD | {"pattern": 5}]), json.dumps([GOOD | {"max_length": "long"}]),
    json.dumps([GOOD | {"help_en": "\x00"}]), json.dumps([GOOD | {"label_en": ["a"]}]),
]  # fmt: skip


@pytest.mark.parametrize("questions", BAD_QUESTIONS)
def test_questions_that_cannot_be_asked_are_refused_and_what_was_typed_stays(pages, world, questions):
    url = reverse("admin:departments_category_change", args=[world.no_water.pk])
    data = {"code": "no-water", "name_en": "No water", "department": world.water.pk, "start_level": 1, "fields": questions}
    response = pages.post(url, data)
    assert response.status_code == 200
    assert "fields" in response.context["adminform"].form.errors
    assert response.context["adminform"].form["fields"].value() == questions
    assert Category.objects.get(pk=world.no_water.pk).fields == []


def test_good_questions_are_kept_and_shown_in_words(pages, world):
    url = reverse("admin:departments_category_change", args=[world.no_water.pk])
    data = {"code": "no-water", "name_en": "No water", "department": world.water.pk, "start_level": 1, "_continue": "1"}
    page = pages.post(url, data | {"fields": json.dumps([GOOD])}, follow=True)
    assert "वार्ड" in page.content.decode()
    assert pages.post(url, data | {"fields": ""}).status_code == 302
    assert Category.objects.get(pk=world.no_water.pk).fields == []


@pytest.mark.parametrize(
    "body",
    ["{{ password }}", "{{ number|upper }}", "{{ number.0 }}", "{% include 'x' %}", "{% debug %}", "{{ }}", "{% if %}",
     "{{ verdict_link }}", "{{ number", "{% for a in b %}"],
)  # fmt: skip
def test_templates_with_anything_but_known_names_are_refused(pages, db, body):
    data = {"event": "registered", "audience": "citizen", "channel": "sms", "language": "en", "body": body}
    response = pages.post(reverse("admin:channels_messagetemplate_add"), data)
    if body == "{{ number":  # plain text, nothing to fill in
        assert response.status_code == 302
    else:
        assert response.status_code == 200, body
        assert "body" in response.context["adminform"].form.errors
        assert not MessageTemplate.objects.exists()


def test_a_template_is_shown_as_it_is_received(pages, db):
    data = {"event": "resolved", "audience": "citizen", "channel": "sms", "language": "en", "_continue": "1",
            "body": "{{ number }}: judge at {{ verdict_link }}"}  # fmt: skip
    page = pages.post(reverse("admin:channels_messagetemplate_add"), data, follow=True).content.decode()
    assert "26 0000 0482 7: judge at https://example.org/v/" in page
    wrong = pages.post(reverse("admin:channels_messagetemplate_add"), data | {"event": "nothing"})
    assert "event" in wrong.context["adminform"].form.errors


def test_every_message_is_named_in_words_where_templates_and_deliveries_are_listed(pages, db):
    sent = {event for events in template_check.EVENTS.values() for event in events}
    assert sent == set(message_events.EVENT_NAMES)
    MessageTemplate.objects.create(event="runs_on", audience="officer", channel="sms", language="hi", body="–")
    one = {"created_at": timezone.now(), "available_at": timezone.now(), "recipient": OfficerFactory()}
    Delivery.objects.create(template="breach_reminder", audience="officer", channel="sms", language="hi", **one)

    pages.cookies["django_language"] = "hi"
    for name, words in (("messagetemplate", "जवाब नहीं आया, काम आगे बढ़ा"), ("delivery", "निकली हुई समय सीमाओं की याद")):
        assert words in pages.get(reverse(f"admin:channels_{name}_changelist")).content.decode()
    assert '<option value="runs_on">' in pages.get(reverse("admin:channels_messagetemplate_add")).content.decode()


def test_templates_are_found_by_what_their_event_is_called_and_open_to_who_may_only_look(pages, db):
    from django.contrib.auth.models import Permission

    from .conftest import signed_in

    template = MessageTemplate.objects.create(event="runs_on", audience="officer", channel="sms", language="hi", body="–")
    MessageTemplate.objects.create(event="closed", audience="citizen", channel="sms", language="hi", body="बंद")
    of_all = reverse("admin:channels_messagetemplate_changelist")
    pages.cookies["django_language"] = "hi"
    for typed in ("काम आगे", "runs_on"):
        found = pages.get(of_all, {"q": typed}).context["cl"].queryset
        assert [row.event for row in found] == ["runs_on"], typed

    keeper = OfficerFactory(is_staff=True)
    keeper.user_permissions.add(Permission.objects.get(codename="view_messagetemplate"))
    page = signed_in(keeper).get(reverse("admin:channels_messagetemplate_change", args=[template.pk]))
    assert page.status_code == 200
    assert "runs_on" in page.content.decode()


def test_the_reference_templates_pass_the_same_checks():
    for row in reference_data.rows("message_templates.csv"):
        for part in ("subject", "body"):
            template_check.check_text(row[part], row["event"], row["audience"])


def test_a_new_officer_shut_out_and_let_in(pages, administrator):
    url = reverse("admin:citizens_user_add")
    data = {"kind": "staff", "username": "je.theog", "name": "Sunil", "language": "hi", "password1": "", "password2": ""}
    assert pages.post(url, data).status_code == 302
    assert "username" in pages.post(url, data | {"username": "JE.Theog"}).context["adminform"].form.errors
    from citizens.models import User

    officer = User.objects.get(username="je.theog")
    assert not officer.has_usable_password()
    both = {"action": "shut_out", "_selected_action": [officer.pk, administrator.pk]}
    pages.post(reverse("admin:citizens_user_changelist"), both)
    assert list(User.objects.filter(is_active=False)) == [officer]
    password = {"password1": "unusual words here", "password2": "unusual words here", "usable_password": "true"}
    pages.post(reverse("admin:auth_user_password_change", args=[officer.pk]), password)
    officer.refresh_from_db()
    assert officer.check_password("unusual words here")


def test_citizens_are_looked_at_without_their_numbers_and_never_changed(pages, world):
    url = reverse("admin:citizens_user_change", args=[world.citizen.pk])
    number = str(world.citizen.phone)
    page = pages.get(url).content.decode()
    assert number[3:9] not in page
    assert number[-3:] in page
    assert pages.post(url, {"name": "Another"}).status_code == 403
    assert pages.get(reverse("admin:auth_user_password_change", args=[world.citizen.pk])).status_code == 403
    url = reverse("admin:citizens_user_changelist")
    found = pages.get(url, {"kind": "citizen", "q": number}).content.decode()
    assert world.citizen.name in found
    assert world.stranger.name not in found
    listed = pages.get(url, {"kind": "citizen"}).content.decode()
    assert world.citizen.name in listed
    assert number[3:9] not in listed
    history = pages.get(reverse("admin:citizens_user_history", args=[world.citizen.pk])).content.decode()
    assert number[3:9] not in history


def test_only_a_full_administrator_touches_administrators(world, administrator):
    from django.contrib.auth.models import Permission

    from .conftest import signed_in

    helper = OfficerFactory(is_staff=True)
    helper.user_permissions.add(*Permission.objects.filter(codename__endswith="_user"))
    browser = signed_in(helper)
    assert browser.post(reverse("admin:auth_user_password_change", args=[administrator.pk]), {}).status_code == 403
    data = {"username": helper.username, "name": "H", "language": "hi", "is_superuser": "on", "is_staff": "on"}
    browser.post(reverse("admin:citizens_user_change", args=[world.l1.officer.pk]), data | {"username": "je"})
    world.l1.officer.refresh_from_db()
    assert (world.l1.officer.username, world.l1.officer.is_superuser, world.l1.officer.is_staff) == ("je", False, False)
    assert browser.get(reverse("admin:citizens_apitoken_add")).status_code == 403


def test_a_token_is_shown_once_and_issued_once(pages, world):
    from citizens.models import ApiToken

    url = reverse("admin:citizens_apitoken_add")
    key = pages.get(url).context["adminform"].form["key"].value()
    data = {"user": world.client.pk, "label": "line 181", "key": key}
    shown = pages.post(url, data)
    token = shown.context["token"]
    assert token in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert ApiToken.objects.get().key_hash == ApiToken.hash_of(token)
    assert pages.post(url, data).status_code == 200
    assert ApiToken.objects.count() == 1
    pk = ApiToken.objects.get().pk
    for page in ("changelist", "change", "history"):
        arguments = [] if page == "changelist" else [pk]
        assert token not in pages.get(reverse(f"admin:citizens_apitoken_{page}", args=arguments)).content.decode()
    assert pages.post(reverse("admin:citizens_apitoken_delete", args=[pk]), {"post": "yes"}).status_code == 302
    assert not ApiToken.objects.exists()


def test_deliveries_show_neither_text_nor_number_and_can_be_tried_again(pages, world):
    from .conftest import make_delivery

    failed = make_delivery(world.citizen, state="failed", attempts=10, last_error="unreachable")
    sent = make_delivery(world.stranger, state="sent", attempts=1)
    for url in (reverse("admin:channels_delivery_changelist"), reverse("admin:channels_delivery_change", args=[failed.pk])):
        page = pages.get(url).content.decode()
        assert "secret" not in page
        assert "/v/signed/" not in page
        assert "98123" not in page
    pages.post(reverse("admin:channels_delivery_changelist"), {"action": "retry", "_selected_action": [failed.pk, sent.pk]})
    failed.refresh_from_db()
    sent.refresh_from_db()
    assert (failed.state, failed.attempts, sent.state) == ("queued", 0, "sent")


@pytest.mark.parametrize("minutes", ["0", "-5", "525601", "999999999999", "seven"])
@pytest.mark.parametrize("language", ["hi", "en"])
def test_a_deadline_of_no_time_or_of_years_is_refused_in_both_languages(pages, world, minutes, language):
    pages.cookies["django_language"] = language
    data = {"department": world.water.pk, "level": 1, "minutes": minutes}
    page = pages.post(reverse("admin:departments_deadlinepolicy_add"), data)
    errors = [str(error) for error in page.context["adminform"].form.errors["minutes"]]
    assert errors
    assert all(any("\u0900" <= letter <= "\u097f" for letter in error) == (language == "hi") for error in errors)
    assert not DeadlinePolicy.objects.exists()


def test_deadlines_are_the_categorys_else_the_departments_else_the_states(world):
    def minutes(category) -> int:
        remembered.forget()
        return clock.minutes_for(category, category.department_id, 2)

    assert minutes(world.no_water) == 7 * 7 * 60
    for more, granted in (({}, 60), ({"department": world.water}, 120), ({"category": world.no_water}, 180)):
        DeadlinePolicy.objects.create(level=2, minutes=granted, **more)
        assert minutes(world.no_water) == granted
    assert minutes(world.pothole) == 60
    urgent = CategoryFactory(department=world.water, emergency=True)
    assert minutes(urgent) == 24 * 60


@pytest.mark.parametrize("language", ["hi", "en"])
def test_what_makes_no_sense_is_refused_with_a_reason_in_both_languages(world, language):
    """A holiday in the past, a posting that ends before it begins, overlapping leave, a circular stand-in."""
    a, b = PostingFactory(), PostingFactory()
    leave(a, 0, 5, b)
    refused = [
        Holiday(date=day(-1), name_en="Yesterday"),
        Posting(post=a.post, officer=b.officer, starts_on=day(3), ends_on=day(2)),
        Absence(posting=a, starts_on=day(4), ends_on=day(8)),
        Absence(posting=b, starts_on=day(4), ends_on=day(8), stand_in=a),
        Absence(posting=b, starts_on=day(4), ends_on=day(3)),
    ]
    with translation.override(language):
        for thing in refused:
            with pytest.raises(ValidationError) as refusal:
                thing.full_clean()
            reasons = refusal.value.messages
            assert all(any("\u0900" <= letter <= "\u097f" for letter in r) == (language == "hi") for r in reasons)


def test_a_new_holiday_shows_how_many_deadlines_it_moves_before_it_moves_them(pages, world):
    complaints = [world.assigned(), world.in_progress()]
    date = complaints[0].due_at.date()
    while not clock.calendar_for(complaints[0]).is_working_day(date):
        date -= datetime.timedelta(days=1)
    page = pages.post(
        reverse("admin:departments_holiday_add"), {"date": date.isoformat(), "name_en": "Feast", "kind": "gazetted"},
        follow=True,
    )  # fmt: skip
    preview = reverse("admin:calendar_preview")
    assert preview in page.content.decode()
    page = pages.get(preview)
    assert "<strong>2</strong>\n        deadlines move" in page.content.decode()
    assert [(d.day, d.closes) for d in page.context["differences"]] == [(date, True)]
    digest = page.context["coming"].digest

    Holiday.objects.create(date=date + datetime.timedelta(days=20), name_en="Another")
    again = pages.post(preview, {"digest": digest})
    assert "changed meanwhile" in again.content.decode()
    assert CalendarVersion.objects.count() == 1
    assert pages.post(preview, {"digest": again.context["coming"].digest}).status_code == 302
    version = calendars.newest()
    assert version.made_by.username == "chief"
    with time_machine.travel(version.in_force_from, tick=False):
        assert "2 deadlines still count in an earlier calendar" in pages.get(preview).content.decode()
        assert redating.redate() == 2
        assert "nothing to put in force" in pages.get(preview).content.decode()
    for complaint in complaints:
        due = complaint.due_at
        complaint.refresh_from_db()
        assert complaint.due_at > due


def test_who_may_only_look_at_the_calendar_cannot_put_one_in_force(world):
    from django.contrib.auth.models import Permission

    from .conftest import signed_in

    keeper = OfficerFactory(is_staff=True)
    preview = reverse("admin:calendar_preview")
    assert signed_in(keeper).get(preview).status_code == 403
    keeper.user_permissions.add(Permission.objects.get(codename="view_calendarversion"))
    Holiday.objects.create(date=day(20), name_en="Feast")
    calendars.in_force()
    Holiday.objects.create(date=day(21), name_en="Feast")
    page = signed_in(keeper).get(preview)
    assert 'name="confirm"' not in page.content.decode()
    assert signed_in(keeper).post(preview, {"digest": page.context["coming"].digest}).status_code == 403
    assert CalendarVersion.objects.count() == 1


def test_ending_a_posting_or_shutting_someone_out_says_what_goes_into_other_hands_and_rings(
    pages, world, django_capture_on_commit_callbacks
):
    bell = redis.Redis.from_url(settings.REDIS_URL)

    def rang() -> bool:
        doorbell.forget()
        return bool(bell.delete(f"doorbell:{doorbell.HAND_OVER}"))

    rang()
    world.assigned()
    url = reverse("admin:departments_posting_change", args=[world.l1.pk])
    data = {"officer": world.l1.officer.pk, "post": world.l1.post.pk, "starts_on": "2024-01-01"}
    with django_capture_on_commit_callbacks(execute=True):
        pages.post(url, data | {"ends_on": day(0).isoformat()})
    assert not rang()
    with django_capture_on_commit_callbacks(execute=True):
        page = pages.post(url, data | {"ends_on": day(-1).isoformat()})
    assert rang()
    page = pages.get(page.url)
    assert "1 open complaint goes into other hands now." in page.content.decode()
    handover.hand_over()
    chosen = {"action": "shut_out", "_selected_action": [world.l2.officer.pk]}
    with django_capture_on_commit_callbacks(execute=True):
        page = pages.post(reverse("admin:citizens_user_changelist"), chosen)
    assert rang()
    assert "1 open complaint goes into other hands now." in pages.get(page.url).content.decode()


@pytest.mark.parametrize(("language", "reason"), [("en", "needs its partner line"), ("hi", "सहयोगी लाइन चुनना ज़रूरी है")])
def test_a_confidential_matter_that_no_line_could_see_is_refused_in_both_languages(world, language, reason):
    with translation.override(language):
        matter = CategoryFactory.build(department=world.water, confidential=True)
        with pytest.raises(ValidationError, match=reason):
            matter.clean()
        matter.line = "181"
        matter.clean()
