"""The import of officers: what is shown is what happens, whole or not at all, and once."""

import datetime
import io
import zipfile

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from citizens.models import User
from departments.models import Post, Posting
from grievance import kept_uploads, officer_import, officer_sheets
from tests.factories import OfficerFactory

HEADER = "username,name,name_hi,phone,email,post,starts_on,ends_on,post_title_en,department,area,level"


def table(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode()


def errors(content: bytes, actor) -> dict[int, str]:
    return {row.number: " ".join(row.errors) for row in officer_import.plan(content, actor).rows if row.errors}


def send(pages, content: bytes, name="officers.csv"):
    return pages.post(reverse("admin:officer_import"), {"file": SimpleUploadedFile(name, content)})


def confirm(pages, address: str):
    digest = pages.get(address).context["plan"].digest
    return pages.post(address, {"digest": digest, "confirm": ""})


def counts() -> tuple[int, int, int]:
    return User.objects.count(), Post.objects.count(), Posting.objects.count()


def test_from_upload_to_officers_on_their_posts(pages, world):
    content = table(
        f"je.new,Sunil Verma,सुनील वर्मा,+919800012345,je@example.org,{world.l1.post.code},2026-12-01,,,,,",
        f"{world.l2.officer.username},New Name,,,,,,,,,,",
        f"ae.new,Anita,,,,new-post,01/12/2026,31/12/2027,Sub Engineer,jal-shakti,{world.block.code},1",
        f"{world.l1.officer.username},,,,,{world.l1.post.code},2024-01-01,,,,,",
    )
    before = counts()
    shown = send(pages, content)
    assert shown.status_code == 302
    assert counts() == before
    assert pages.get(shown.url).context["counts"] == {"new": 2, "changed": 1, "unchanged": 1, "error": 0}
    assert confirm(pages, shown.url).status_code == 302
    assert counts() == (before[0] + 2, before[1] + 1, before[2] + 2)
    officer = User.objects.get(username="je.new")
    assert (officer.name_hi, str(officer.phone), officer.kind) == ("सुनील वर्मा", "+919800012345", "staff")
    assert not officer.has_usable_password()
    posting = Posting.objects.get(officer__username="ae.new")
    assert (posting.post.code, posting.post.level, posting.starts_on) == ("new-post", 1, datetime.date(2026, 12, 1))
    assert posting.ends_on == datetime.date(2027, 12, 31)


def test_confirming_again_does_nothing_again(pages, world):
    shown = send(pages, table(f"je.new,Sunil,,,,{world.l1.post.code},2026-12-01,,,,,"))
    digest = pages.get(shown.url).context["plan"].digest
    for _time in range(3):
        assert pages.post(shown.url, {"digest": digest, "confirm": ""}).status_code == 302
    assert Posting.objects.filter(officer__username="je.new").count() == 1


def test_what_changed_meanwhile_is_shown_anew_and_nothing_is_imported(pages, world):
    shown = send(pages, table("je.new,Sunil,,,,,,,,,,", "je.two,Meena,,,,,,,,,,"))
    digest = pages.get(shown.url).context["plan"].digest
    OfficerFactory(username="je.two", name="Somebody")
    answer = pages.post(shown.url, {"digest": digest, "confirm": ""})
    assert answer.status_code == 200
    assert not User.objects.filter(username="je.new").exists()
    assert pages.post(shown.url, {"digest": "forged", "confirm": ""}).status_code == 200
    assert not User.objects.filter(username="je.new").exists()


def test_anothers_upload_does_not_exist(pages, world):
    from .conftest import signed_in

    shown = send(pages, table("je.new,Sunil,,,,,,,,,,"))
    other = signed_in(OfficerFactory(is_staff=True, is_superuser=True))
    assert other.get(shown.url).status_code == 404
    assert pages.get(reverse("admin:officer_import_preview", args=["..%2f..%2fdemo"])).status_code == 404


def test_what_was_sent_to_one_machine_is_confirmed_on_another(pages, world, settings, tmp_path):
    settings.VAR_DIR = tmp_path / "one"
    shown = send(pages, table("je.new,Sunil,,,,,,,,,,"))
    settings.VAR_DIR = tmp_path / "other"
    assert confirm(pages, shown.url).status_code == 302
    assert User.objects.filter(username="je.new").exists()


def test_what_waits_to_be_confirmed_is_gone_within_a_day(administrator):
    key = kept_uploads.keep(b"table", administrator.pk)
    assert kept_uploads.find(key, administrator.pk) == b"table"
    assert 0 < cache._cache.get_client(None).ttl(cache.make_key(kept_uploads._name(key, administrator.pk))) <= 24 * 3600
    kept_uploads.forget(key, administrator.pk)
    assert kept_uploads.find(key, administrator.pk) is None


BAD_ROWS = [
    (",Sunil,,,,,,,,,,", "username"),
    ("je.new,,,,,,,,,,,", "needs a name"),
    ("सुनील,Sunil,,,,,,,,,,", "Latin"),
    ("je.new,Sunil,,12,,,,,,,,", "phone"),
    ("je.new,Sunil,,,nobody,,,,,,,", "e-mail"),
    ("je.new,Sunil,,,,nowhere,2026-12-01,,,,,", "no post with the code"),
    ("je.new,Sunil,,,,L1,31/02/2026,,,,,", "no date"),
    ("je.new,Sunil,,,,L1,2026-12-01,2026-11-30,,,,", "before it begins"),
    ("je.new,Sunil,,,,L1,,,,,,", "from when"),
    ("je.new,Sunil,,,,,2026-12-01,,,,,", "Name the post"),
    ("je.new,Sunil,,,,new,2026-12-01,,Engineer,nowhere,here,1", "no code"),
    ("je.new,Sunil,,,,new,2026-12-01,,Engineer,jal-shakti,HERE,9", "level"),
    ("je.new,Sunil,,,,new,2026-12-01,,Engineer,,HERE,1", "department"),
    ("je.new,=HYPERLINK(1),,,,,,,,,,", "formula"),
    ("je.new,@SUM(1),,,,,,,,,,", "formula"),
    ("je.new," + "x" * 400 + ",,,,,,,,,,", "too long"),
    ("je.new,Su\u202enil,,,,,,,,,,", "cannot be saved"),
    ("je.new,Sunil,,,,L1,2026-12-01,,Other title,,,", "exists with another"),
    ("OFFICER,,,,,L1,2024-06-01,,,,,", "already holds"),
    ("CITIZEN,Sunil,,,,,,,,,,", "not belong to staff"),
    ("je.new,Sunil,,,,,,,,,,,,extra", "more cells"),
]


@pytest.mark.parametrize(("line", "said"), BAD_ROWS)
def test_each_error_is_said_with_its_row_and_nothing_is_imported(pages, world, administrator, line, said):
    names = {"L1": world.l1.post.code, "HERE": world.block.code, "OFFICER": world.l1.officer.username,
             "CITIZEN": world.citizen.username}  # fmt: skip
    for word, value in names.items():
        line = line.replace(word, value)
    content = table("fine,Fine Person,,,,,,,,,,", line)
    from django.utils import translation

    with translation.override("en"):
        found = errors(content, administrator)
    assert list(found) == [3]
    assert said in found[3]
    before = counts()
    shown = send(pages, content)
    page = pages.get(shown.url)
    assert page.context["counts"]["error"] == 1
    assert pages.post(shown.url, {"digest": page.context["plan"].digest, "confirm": ""}).status_code == 200
    assert counts() == before


def test_rows_that_contradict_or_repeat_each_other_are_errors(world, administrator):
    post = world.l1.post.code
    content = table(
        f"je.new,Sunil,,,,{post},2026-12-01,,,,,", f"je.new,Sunil,,,,{post},2026-12-01,,,,,",
        f"JE.new,Another,,,,{world.l2.post.code},2026-12-01,,,,,", f"je.new,,,,,{post},2027-01-01,,,,,",
    )  # fmt: skip
    assert set(errors(content, administrator)) == {3, 4, 5}


BAD_FILES = [
    b"", b"\n\n", b"a,b\n1,2", "नाम,पद\n1,2".encode("utf-16"), "username,post,starts_on\nज,1,2".encode("cp1252", "replace") + b"\xff",
    b"username,post,starts_on\n\x00,1,2", b"username,post,starts_on,username\n1,2,3,4", b"username,post,starts_on",
    b"PK\x03\x04 no archive", b'username,post,starts_on\n"open,1,2', b"\x89PNG\r\n\x1a\n" + b"\xff" * 100,
    b"username,post,starts_on,salary\n1,2,3,4", b"username,post,starts_on\n" + b"a,,\n" * 20_001,
    b"username,post,starts_on\n" + b"x" * (officer_sheets.MOST_BYTES + 1),
]  # fmt: skip


@pytest.mark.parametrize("content", BAD_FILES, ids=range(len(BAD_FILES)))
def test_a_file_that_is_no_table_of_officers_is_refused_beside_the_field(pages, content):
    response = send(pages, content)
    assert response.status_code == 200
    assert response.context["form"].errors["file"]


def workbook(*rows) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def test_xlsx_is_read_with_its_dates_and_formulas_are_refused(pages, world, administrator):
    header = ["username", "name", "phone", "post", "starts_on"]
    good = ["je.new", "Sunil", 919800012345, world.l1.post.code, datetime.date(2026, 12, 1)]
    plan = officer_import.plan(workbook(header, good), administrator)
    assert plan.counts["error"] == 0, plan.rows
    assert plan.new_postings[0].starts_on == datetime.date(2026, 12, 1)
    assert set(errors(workbook(header, [], ["je.new", "=A1", None, None, None]), administrator)) == {3}


def test_an_archive_that_unfolds_without_end_is_refused(pages):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (officer_sheets.MOST_UNPACKED_BYTES + 1))
    assert send(pages, file.getvalue(), "bomb.xlsx").status_code == 200


def test_the_sample_can_be_read_and_twenty_thousand_rows_are_planned_in_few_queries(pages, world, django_assert_max_num_queries):
    sample = pages.get(reverse("admin:officer_import_sample"))
    assert sample.headers["Content-Type"].startswith("text/csv")
    assert len(officer_sheets.read(sample.content)) == 2
    rows = table(*(f"je.{n},Name {n},,,,{world.l1.post.code},2026-12-01,,,,," for n in range(20_000)))
    chief = User.objects.get(username="chief")
    with django_assert_max_num_queries(8):
        plan = officer_import.plan(rows, chief)
    assert plan.counts["new"] == 20_000


def test_history_tells_of_the_import(pages, world, administrator):
    shown = send(pages, table(f"{world.l1.officer.username},Renamed Officer,,,,,,,,,,"))
    confirm(pages, shown.url)
    from departments.history import changes

    newest = changes(world.l1.officer)[0][0]
    assert newest.who == "Chief Administrator (chief)"
    assert [(d.new) for d in newest.differences] == ["Renamed Officer"]


NAMES = st.sampled_from(["je.a", "je.b", "JE.A", "known.one", "known.two", "", "अ"])
ROWS = st.lists(
    st.tuples(
        NAMES,
        st.sampled_from(["Asha", "Ravi", ""]),
        st.sampled_from(["POST1", "POST2", "new-1", "nowhere", ""]),
        st.sampled_from(["2026-12-01", "01/01/2027", "2024-01-01", "soon", ""]),
        st.sampled_from(["2026-12-31", "2028-01-01", "2020-01-01", "", ""]),
        st.sampled_from(["Title", "", ""]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_what_is_shown_is_what_happens(world, administrator, rows):
    from django.db import transaction

    with transaction.atomic():
        for name in ("known.one", "known.two"):
            User.objects.get_or_create(username=name, defaults={"name": "Asha", "password": "!"})
        posts = {"POST1": world.l1.post.code, "POST2": world.l2.post.code}
        lines = [
            f"{user},{name},,,,{posts.get(post, post)},{starts},{ends},{title},{'jal-shakti' if title else ''},"
            f"{world.block.code if title else ''},{'1' if title else ''}"
            for user, name, post, starts, ends, title in rows
        ]
        content = table(*lines)
        if not any(line.strip(",") for line in lines):
            return
        plan = officer_import.plan(content, administrator)
        before = counts()
        if plan.counts["error"]:
            with pytest.raises(officer_import.PlanChangedError):
                officer_import.carry_out(content, administrator, plan.digest)
            assert counts() == before
        else:
            done = officer_import.carry_out(content, administrator, plan.digest)
            made = [fact.kind for row in plan.rows for fact in row.facts]
            after = tuple(old + made.count(kind) for old, kind in zip(before, ("person", "post", "posting"), strict=True))
            assert counts() == after
            assert done.counts == plan.counts
            again = officer_import.plan(content, administrator).counts
            assert (again["new"], again["changed"], again["error"]) == (0, 0, 0)
        transaction.set_rollback(True)
