"""Lists as files: just what the person sees, harmless in a spreadsheet, many rows by a worker that may be killed."""

import csv
import io
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from hypothesis import given
from hypothesis import strategies as st

from citizens.models import User
from departments.models import Role
from grievance import access
from grievance.desk import exports, lists, sheets
from grievance.models import CallBack, Export
from tests.administration.conftest import signed_in
from tests.desk.conftest import Desk
from tests.factories import CategoryFactory, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_in_a_folder_of_their_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def ask(posting, chosen="csv", listed="view=all", of="inbox"):
    return Desk(posting).client.post("/desk/exports/ask/", {"of": of, "list": listed, "format": chosen})


def rows(answer) -> list[dict]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = content.decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def numbers(answer) -> set[str]:
    return {row["Number"].replace(" ", "") for row in rows(answer)}


def test_a_short_list_is_given_at_once_and_written_down(world):
    complaint, _other = world.assigned(text="Five days without water"), world.assigned()

    found = rows(ask(world.nodal))

    assert {row["What happened"] for row in found} == {"Five days without water"}
    assert {row["Number"].replace(" ", "") for row in found} >= {complaint.number}
    assert found[0]["Registered"] == f"{timezone.localtime(complaint.registered_at):%Y-%m-%d %H:%M}"
    export = Export.objects.get()
    assert (export.owner, export.state, export.total, export.query) == (world.nodal.officer, "given", 2, "view=all")


def test_everyone_gets_just_what_they_see(world):
    world.register(category=CategoryFactory(department=world.water, confidential=True, line="181"))
    seen = world.assigned()
    for posting in (world.nodal, world.l1, world.l2, world.cm_office):
        visible = set(access.visible_to(posting.officer).values_list("number", flat=True))
        assert numbers(ask(posting)) <= visible
    assert numbers(ask(world.nodal)) == {seen.number}


def test_the_filters_of_the_list_hold(world):
    begun = world.in_progress()
    world.assigned()

    assert numbers(ask(world.nodal, listed="view=all&state=in_progress")) == {begun.number}


HINDI = "पानी " * 39 + "पानी"


def test_a_long_search_in_hindi_loses_no_filter_on_the_way_to_the_file(world, long, monkeypatch):
    wanted = {world.in_progress(text=HINDI).number for _number in range(3)}
    world.assigned(text=HINDI)
    listed = urlencode({"view": "all", "text": HINDI, "since": "2020-01-01", "state": "in_progress"})
    assert len(listed) > 1000
    desk = Desk(world.nodal)

    address = desk.client.post("/desk/exports/ask/", {"list": listed, "format": "csv"})["Location"]
    exports.write_next()
    assert numbers(desk.client.get(f"{address}file/")) == wanted

    monkeypatch.setattr(exports, "AT_ONCE", 100)
    assert numbers(ask(world.nodal, listed=listed)) == wanted


def test_filters_longer_than_any_are_refused_and_none_is_left_out(world):
    world.assigned()
    listed = urlencode({"view": "all", "state": ["in_progress"] * 500 + ["closed"]}, doseq=True)

    refused = ask(world.nodal, listed=listed)

    assert refused.status_code == 400
    assert "too many filters" in refused.content.decode()
    assert not Export.objects.exists()


def test_no_name_and_no_phone_goes_out(world):
    world.assigned()
    text = str(rows(ask(world.cm_office)))

    assert str(world.citizen.phone) not in text
    assert world.citizen.name not in text


def test_strangers_citizens_and_agents_get_nothing(client, world):
    world.assigned()
    assert client.post("/desk/exports/ask/").status_code == 302
    client.force_login(world.citizen, backend="citizens.backends.CitizenBackend")
    assert client.post("/desk/exports/ask/").status_code == 404
    agent = world.desk(Role.AGENT)
    assert [ask(agent, of=of).status_code for of in ("inbox", "search", "nothing")] == [404] * 3
    assert not Export.objects.exists()


def test_administrators_see_who_took_what_without_the_words_searched_for(world):
    world.assigned()
    ask(world.nodal, listed="view=all&text=9812345678&state=assigned")
    pages = signed_in(User.objects.create_superuser("chief", "a very long password", name="Chief Administrator"))

    export = Export.objects.get()
    for page in ("", f"{export.pk}/change/"):
        shown = pages.get(f"/admin/grievance/export/{page}").content.decode()
        assert "view: all; state: assigned; search: …" in shown
        assert world.nodal.officer.get_full_name() in shown
        assert "9812345678" not in shown
    assert pages.get("/admin/grievance/export/add/").status_code == 403


@given(st.sampled_from("=+-@\t\r＝＋－＠"), st.text(max_size=20))
def test_no_cell_is_taken_for_a_formula(sign, rest):
    for value in (sign + rest, f"  {sign}{rest}"):
        assert sheets.plain(value).startswith("'")


def test_a_formula_in_a_complaint_stays_text_in_excel_too(world):
    world.assigned(text='=HYPERLINK("http://x","pay")')

    answer = ask(world.nodal, "xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    head = [cell.value for cell in sheet[1]]
    cell = sheet[2][head.index("What happened")]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x","pay")', "s")
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml")


def test_heads_and_values_are_in_the_readers_language(world):
    world.assigned()
    desk = Desk(world.nodal)
    desk.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "hi"

    answer = desk.client.post(
        "/desk/exports/ask/", {"list": "view=all", "format": "csv"}, headers={"accept-language": "hi"}
    )

    text = b"".join(answer.streaming_content).decode()
    assert "शिकायत" in text
    assert "Registered" not in text


@pytest.fixture
def long(monkeypatch):
    """A list of three is long."""
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    monkeypatch.setattr(sheets, "BATCH", 2)


def test_a_long_list_is_written_by_a_worker_and_kept_for_a_day(world, long, django_capture_on_commit_callbacks):
    wanted = {world.assigned().number for _number in range(5)}
    desk = Desk(world.nodal)

    address = desk.client.post("/desk/exports/ask/", {"list": "view=all", "format": "csv"})["Location"]
    page = desk.client.get(address)
    assert "0 of 5" in page.content.decode()
    assert page["Refresh"] == "5"
    assert exports.write_next() == 1
    assert exports.write_next() == 0

    page = desk.client.get(address).content.decode()
    assert f'href="{address}file/"' in page
    assert numbers(desk.client.get(f"{address}file/")) == wanted
    assert Desk(world.l1).client.get(f"{address}file/").status_code == 404

    Export.objects.update(expires_at=timezone.now())
    assert desk.client.get(f"{address}file/").status_code == 302
    assert exports.remove_expired() == 1
    export = Export.objects.get()
    assert (export.state, bool(export.file)) == ("gone", False)
    assert "gone now" in desk.client.get(address).content.decode()


def test_who_changed_posts_does_not_get_the_old_list(world, long):
    for _number in range(3):
        world.assigned()
    desk = Desk(world.nodal)
    address = desk.client.post("/desk/exports/ask/", {"list": "view=all", "format": "xlsx"})["Location"]
    exports.write_next()
    Export.objects.update(postings=[world.l1.pk])

    assert desk.client.get(f"{address}file/").status_code == 302
    assert "posting has changed" in desk.client.get(address).content.decode()


def test_a_killed_worker_leaves_it_to_the_next_and_after_three_it_is_given_up(world, long, monkeypatch):
    wanted = {world.assigned().number for _number in range(3)}
    ask(world.nodal)
    taken = exports._taken()
    assert exports.write_next() == 0, "its lease still runs"
    Export.objects.update(leased_until=timezone.now())

    assert exports.write_next() == 1
    exports._keep(taken, io.BytesIO(b"of the one that came back"), 1)
    export = Export.objects.get()
    assert export.state == "ready"
    assert numbers(Desk(world.nodal).client.get(f"/desk/exports/{export.key}/file/")) == wanted

    Export.objects.update(state="working", leased_until=timezone.now(), attempts=exports.MOST_ATTEMPTS)
    exports.write_next()
    assert Export.objects.get().state == "failed"


def test_one_list_is_written_at_a_time_so_that_it_never_takes_more_than_one_process(world, long):
    for _number in range(3):
        world.assigned()
    for posting in (world.nodal, world.cm_office):
        ask(posting)
    first = exports._taken()
    assert first.owner == world.nodal.officer
    assert exports.write_next() == 0
    exports._keep(first, io.BytesIO(b"the first"), 3)

    assert exports.write_next() == 1
    assert set(Export.objects.values_list("state", flat=True)) == {"ready"}


def test_one_that_cannot_be_written_does_not_hold_up_the_others(world, long):
    for _number in range(3):
        world.assigned()
    for posting in (world.nodal, world.cm_office):
        ask(posting)
    broken = Export.objects.last()
    Export.objects.filter(pk=broken.pk).update(of="nothing")

    for _attempt in range(exports.MOST_ATTEMPTS):
        with pytest.raises(KeyError):
            exports.write_next()
    assert [exports.write_next() for _time in range(3)] == [1, 1, 0]

    assert list(Export.objects.values_list("state", flat=True)) == ["ready", "failed"]


def test_one_person_has_only_a_few_written_at_once(world, long):
    for _number in range(3):
        world.assigned()
    for _time in range(exports.MOST_PENDING):
        assert ask(world.nodal).status_code == 302

    answer = ask(world.nodal)
    assert answer.status_code == 429
    assert "being written already" in answer.content.decode()


@pytest.mark.parametrize("listed", ["", "view=nothing", "area=nowhere", "text=%00", "x" * 3000, "since=2026-99-99"])
def test_an_impossible_list_is_no_error(world, listed):
    world.assigned()
    assert ask(world.nodal, listed=listed).status_code == 200


def test_writing_takes_as_many_queries_for_each_batch_however_many_there_are(world, django_assert_max_num_queries):
    for _number in range(4):
        world.assigned()
    with django_assert_max_num_queries(6):
        everything = lists.EVERY["inbox"].rows(world.cm_office.officer, QueryDict("view=all"))
        list(sheets.batches(sheets.COMPLAINTS, everything))


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_by_force_loses_and_doubles_nothing(settings, tmp_path):
    world = World()
    for _number in range(3):
        world.assigned()
    wanted = Export.objects.create(owner=world.nodal.officer, format="csv", language="en", query="view=all",
                                   postings=exports._postings(world.nodal.officer), total=3)  # fmt: skip
    code = (
        "import django; django.setup()\nfrom grievance.desk import exports, sheets\nimport os, signal\n"
        "def die(file, sheet, rows, written):\n    written(1)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "sheets.write_csv = die\nexports.write_next()\n"
    )
    import os

    name = connection.settings_dict["NAME"]
    address = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    killed = subprocess.run([sys.executable, "-c", code], env={**os.environ, "DATABASE_URL": address}, check=False)
    assert killed.returncode == -9
    wanted.refresh_from_db()
    assert (wanted.state, wanted.rows) == ("working", 1)

    Export.objects.update(leased_until=timezone.now())
    exports.write_next()

    wanted.refresh_from_db()
    assert (wanted.state, wanted.rows) == ("ready", 3)


# Other lists than the inbox's ------------------------------------------------------------------


def found(posting, text) -> set[str]:
    return numbers(ask(posting, listed=f"q={text}", of="search"))


def test_what_was_found_can_be_taken_along_as_far_as_one_may_see_it(world):
    water, roads = (
        world.assigned(text="Pipeline burst in the village"),
        world.register(category=world.pothole, text="Pipeline burst under the road"),
    )
    assert found(world.cm_office, "pipeline") == {water.number, roads.number}
    assert found(world.nodal, "pipeline") == {water.number}
    assert found(world.nodal, str(world.citizen.phone).removeprefix("+91")) == {water.number}
    assert found(world.nodal, "tractor") == found(world.nodal, "") == set()


def test_the_search_page_offers_its_list_as_a_file_and_says_where_it_ends(world):
    world.assigned(text="Pipeline burst in the village")

    page = Desk(world.nodal).client.get("/desk/search/?q=pipeline").content.decode()

    assert 'name="of" value="search"' in page
    assert "the newest 1,000 at most" in page
    assert 'name="of"' not in Desk(world.nodal).client.get("/desk/search/?q=tractor").content.decode()
    agent = Desk(world.agent).client.get(f"/desk/search/?q={str(world.citizen.phone)[3:]}").content.decode()
    assert 'name="of"' not in agent


def test_agents_take_along_whom_to_call_back_without_names_phones_or_words(world):
    complaint = world.resolved(text="Five days without water")
    task = CallBack.objects.create(complaint=complaint, round=complaint.round, due_on=timezone.localdate())
    agent = Desk(world.agent)
    assert 'name="of" value="call_backs"' in agent.client.get("/desk/call-backs/").content.decode()

    answer = ask(world.agent, of="call_backs")

    assert 'filename="call-backs-' in answer["Content-Disposition"]
    (row,) = rows(answer)
    assert row["Number"].replace(" ", "") == complaint.number
    assert (row["To be called from"], row["Calls so far"]) == (task.due_on.isoformat(), "0")
    for private in (world.citizen.name, str(world.citizen.phone)[3:], complaint.text):
        assert private not in str(row)
    for other in (world.nodal, world.l1, world.cm_office):
        assert ask(other, of="call_backs").status_code == 404


def test_agents_of_another_line_do_not_get_its_call_backs(world):
    world.posting(world.water, 1, world.state, line="181")
    hidden = world.resolved(category=CategoryFactory(department=world.water, confidential=True, line="181"))
    CallBack.objects.create(complaint=hidden, round=hidden.round, due_on=timezone.localdate())

    of_the_line = world.desk(Role.AGENT)
    of_the_line.post.line = "181"
    of_the_line.post.save()

    assert rows(ask(world.agent, of="call_backs")) == []
    assert numbers(ask(of_the_line, of="call_backs")) == {hidden.number}


# What is kept of what was asked for ------------------------------------------------------------

PHONE = "9812345678"


@pytest.mark.parametrize(("of", "listed", "kept"), [
    ("inbox", f"view=all&text={PHONE}&state=assigned", "view=all&state=assigned&search=%E2%80%A6"),
    ("search", f"q={PHONE}", "search=%E2%80%A6"),
    ("inbox", f"view={PHONE}&area={PHONE}&note={PHONE}&posting={PHONE}&kind=demand", "kind=demand"),
])  # fmt: skip
def test_no_phone_number_is_kept_of_a_list_given_at_once(world, of, listed, kept):
    world.assigned()
    assert ask(world.nodal, of=of, listed=listed).status_code == 200
    assert Export.objects.get().query == kept


@pytest.mark.parametrize("ends", ["ready", "failed"])
def test_what_was_searched_for_is_forgotten_when_the_list_is_written(world, ends, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    complaint, phone = world.assigned(), str(world.citizen.phone).removeprefix("+91")
    desk = Desk(world.nodal)
    address = desk.client.post("/desk/exports/ask/", {"list": f"view=all&text={phone}", "format": "csv"})["Location"]
    assert phone in Export.objects.get().query, "the worker needs it"
    assert phone not in desk.client.get(address).content.decode()
    if ends == "failed":
        Export.objects.update(attempts=exports.MOST_ATTEMPTS)

    exports.write_next()

    export = Export.objects.get()
    assert (export.state, export.query) == (ends, "view=all&search=%E2%80%A6")
    page = desk.client.get(address).content.decode()
    assert 'href="/desk/?view=all"' in page
    if ends == "ready":
        assert numbers(desk.client.get(f"{address}file/")) == {complaint.number}


def test_a_list_too_long_for_a_file_is_refused_and_says_to_narrow_it(world, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    for _number in range(2):
        world.assigned()
    assert ask(world.nodal).status_code == 302
    world.assigned()

    answer = ask(world.nodal)

    assert answer.status_code == 400
    page = answer.content.decode()
    assert "too long for a file" in page
    assert "narrow it" in page
    assert Export.objects.count() == 1
