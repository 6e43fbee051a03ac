"""A generated walk: every address, as every role and as a stranger; each gets what this table says.

An address without a row fails the test, so nothing is published without a decision. `302` leads to
signing in (or to where the role belongs), `404` hides, `405` is a change that wants a POST.
"""

import copy

import pytest
from django.db import transaction
from django.test import Client

from citizens.models import User
from grievance import files
from tests.filing.conftest import jpeg, upload

from .addresses import ROLES, every_address, filled

pytestmark = pytest.mark.django_db

# stranger, citizen, other citizen, officer, other officer, nodal, agent, CM office, administrator
GET = {
    "accessibility": "200 200 200 200 200 200 200 200 200",
    "account_change_password": "302 404 404 200 200 200 200 200 200",
    "account_inactive": "200 404 404 200 200 200 200 200 200",
    "account_login": "200 404 404 302 302 302 302 302 302",
    "account_logout": "405 404 404 405 405 405 405 405 405",
    "account_reauthenticate": "302 404 404 200 200 200 200 200 200",
    "account_set_password": "302 404 404 302 302 302 302 302 302",
    "account_signup": "200 404 404 302 302 302 302 302 302",
    "api_actions": "401 401 401 401 401 401 401 401 401",
    "api_areas": "200 200 200 200 200 200 200 200 200",
    "api_categories": "200 200 200 200 200 200 200 200 200",
    "api_complaint": "401 401 401 401 401 401 401 401 401",
    "api_complaints": "401 401 401 401 401 401 401 401 401",
    "api_departments": "200 200 200 200 200 200 200 200 200",
    "api_docs": "200 200 200 200 200 200 200 200 200",
    "api_figures": "401 401 401 401 401 401 401 401 401",
    "api_files": "401 401 401 401 401 401 401 401 401",
    "api_otp": "405 405 405 405 405 405 405 405 405",
    "api_otp_verify": "405 405 405 405 405 405 405 405 405",
    "attachment": "404 200 404 200 404 200 200 200 404",
    "board_area": "404 404 404 404 404 404 404 302 404",
    "board_category": "404 404 404 404 404 200 404 200 404",
    "board_department": "404 404 404 404 404 200 404 200 404",
    "board_district": "404 404 404 404 404 404 404 200 404",
    "board_mailed": "302 404 404 404 404 404 404 404 404",
    "board_officer": "404 404 404 200 404 200 404 200 404",
    "boards": "404 404 404 404 404 404 404 200 404",
    "boards_departments": "404 404 404 404 404 404 404 200 404",
    "boards_desk": "404 404 404 404 404 404 200 200 404",
    "boards_districts": "404 404 404 404 404 404 404 200 404",
    "boards_forget": "405 405 405 405 405 405 405 405 405",
    "boards_save": "405 405 405 405 405 405 405 405 405",
    "complaint": "302 200 404 302 302 302 302 302 302",
    "complaint_act": "302 404 404 404 404 404 404 404 404",
    "desk_act": "404 404 404 404 404 404 404 404 404",
    "desk_bulk": "302 404 404 405 405 405 405 405 404",
    "desk_call_back_attempt": "302 404 404 405 405 405 405 405 404",
    "desk_call_back_claim": "302 404 404 405 405 405 405 405 404",
    "desk_call_backs": "302 404 404 404 404 404 200 404 404",
    "desk_complaint": "302 404 404 200 404 200 200 200 404",
    "desk_exports": "302 404 404 200 200 200 200 200 404",
    "desk_export_ask": "302 404 404 405 405 405 405 405 404",
    "desk_export": "302 404 404 404 404 404 404 404 404",
    "desk_export_file": "302 404 404 404 404 404 404 404 404",
    "desk_inbox": "302 404 404 200 200 200 302 200 404",
    "desk_notice": "200 404 404 204 204 204 204 204 404",
    "desk_reveal": "302 404 404 405 405 405 405 405 404",
    "desk_search": "302 404 404 200 200 200 200 200 404",
    "desk_search_departments": "302 404 404 200 200 200 200 200 404",
    "end_session": "302 405 405 405 405 405 405 405 405",
    "figures": "200 200 200 200 200 200 200 200 200",
    "file_browse": "302 302 302 200 200 200 200 200 200",
    "file_check": "302 302 302 200 200 200 200 200 200",
    "file_details": "302 302 302 200 200 200 200 200 200",
    "file_done": "404 200 404 200 404 200 200 200 404",
    "file_start": "302 302 302 200 200 200 200 200 200",
    "file_what": "302 302 302 200 200 200 200 200 200",
    "file_where": "302 302 302 200 200 200 200 200 200",
    "healthz": "200 200 200 200 200 200 200 200 200",
    "home": "200 200 200 200 200 200 200 200 200",
    "log_heads": "200 200 200 200 200 200 200 200 200",
    "log_list": "404 404 404 404 404 404 404 404 404",
    "mfa_activate_totp": "302 404 404 302 302 302 302 302 302",
    "mfa_authenticate": "302 404 404 302 302 302 302 302 302",
    "mfa_deactivate_totp": "302 404 404 404 404 404 404 404 404",
    "mfa_download_recovery_codes": "302 404 404 404 404 404 404 404 404",
    "mfa_generate_recovery_codes": "302 404 404 302 302 302 302 302 302",
    "mfa_index": "302 404 404 200 200 200 200 200 200",
    "mfa_reauthenticate": "302 404 404 302 302 302 302 302 302",
    "mfa_view_recovery_codes": "302 404 404 404 404 404 404 404 404",
    "my_complaints": "302 200 200 302 302 302 302 302 302",
    "open_data": "200 200 200 200 200 200 200 200 200",
    "open_data_catalogue": "200 200 200 200 200 200 200 200 200",
    "open_data_dictionary": "200 200 200 200 200 200 200 200 200",
    "open_data_table": "200 200 200 200 200 200 200 200 200",
    "own_sessions": "302 200 200 200 200 200 200 200 200",
    "privacy": "200 200 200 200 200 200 200 200 200",
    "schema": "200 200 200 200 200 200 200 200 200",
    "set_language": "302 302 302 302 302 302 302 302 302",
    "sign_in": "200 302 302 200 200 200 200 200 200",
    "sign_in_code": "302 302 302 302 302 302 302 302 302",
    "sign_out": "405 405 405 405 405 405 405 405 405",
    "track": "200 200 200 200 200 200 200 200 200",
    "verdict_link": "404 404 404 404 404 404 404 404 404",
}
# What says how the machine is, not who asks.
NOT_ABOUT_PEOPLE = {"readyz", "metrics"}


@pytest.fixture
def people(world):
    """Who walks: the complaint is the citizen's and on the officer's desk."""
    administrator = User.objects.create_superuser("administrator", "a-long-password-9")
    officers = (world.l1, world.roads_l1, world.nodal, world.agent, world.cm_office)
    for posting in officers:
        posting.officer.set_password("a-long-password-9")
        posting.officer.save()
    users = [None, world.citizen, world.stranger, *(posting.officer for posting in officers), administrator]
    return dict(zip(ROLES, users, strict=True))


@pytest.fixture
def complaint(world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return world.in_progress(files=[files.store(upload(jpeg((8, 8))))])


def browser_of(user, settings) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(
            user, backend=settings.CITIZEN_BACKEND if user.is_citizen else "citizens.backends.StaffBackend"
        )
    return client


def test_every_address_has_a_row():
    assert set(every_address()) == set(GET) | NOT_ABOUT_PEOPLE


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(people, complaint, settings, role):
    position, key = ROLES.index(role), str(complaint.attachments.get().key)
    cookies, got, said = browser_of(people[role], settings).cookies, {}, {}
    for name, route in every_address().items():
        if name not in NOT_ABOUT_PEOPLE:
            # Each address meets somebody who just signed in: what a page left in the session is undone.
            with transaction.atomic():
                browser = Client(raise_request_exception=False)
                browser.cookies = copy.deepcopy(cookies)
                got[name] = browser.get(filled(route, number=complaint.number, key=key)).status_code
                transaction.set_rollback(True)
            said[name] = int(GET[name].split()[position])

    assert got == said


@pytest.mark.parametrize("role", ROLES)
def test_no_get_changes_anything(people, complaint, settings, role):
    before = (complaint.events.count(), User.objects.count())
    browser = browser_of(people[role], settings)
    for route in every_address().values():
        browser.get(filled(route, number=complaint.number, key=str(complaint.attachments.get().key)))

    assert (complaint.events.count(), User.objects.count()) == before


@pytest.mark.parametrize("role", ROLES)
def test_every_change_wants_its_guard_against_forged_forms(people, complaint, settings, role):
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if people[role]:
        user = people[role]
        browser.force_login(
            user, backend=settings.CITIZEN_BACKEND if user.is_citizen else "citizens.backends.StaffBackend"
        )
    for name, route in every_address().items():
        if not name.startswith("api_"):
            answer = browser.post(filled(route, number=complaint.number, key=str(complaint.attachments.get().key)))
            assert answer.status_code in (302, 403, 404, 405), name
