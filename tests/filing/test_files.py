"""Files: checked by content, images made anew, served only through access."""

import io
import zlib

import pytest
from PIL import Image

from grievance import files, workflow
from grievance.models import Attachment

from .conftest import jpeg, upload

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_where_a_photo_was_taken_is_removed():
    exif = Image.Exif()
    exif[0x010E] = "my house"
    exif[0x8825] = {1: "N", 2: (31.0, 6.0, 0.0)}

    stored = files.store(upload(jpeg(exif=exif)))

    content = stored.file.read()
    assert b"my house" not in content
    assert not Image.open(io.BytesIO(content)).getexif()


def test_what_hides_behind_a_picture_is_gone():
    stored = files.store(upload(jpeg() + b"<script>alert(1)</script>PK\x03\x04"))

    assert b"<script>" not in stored.file.read()


def test_a_picture_is_kept_upright_and_small():
    stored = files.store(upload(jpeg((4000, 1000))))

    assert Image.open(stored.file).size == (2000, 500)
    assert stored.content_type == "image/jpeg"


def bomb() -> bytes:
    """A PNG of 50,000 × 50,000 pixels in a few hundred bytes."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (50_000).to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("content", [
    b"", b"MZ\x90\x00", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", b"<html><script>1</script>",
    b"GIF89a" + b"\0" * 50, b"%PDF-1.4 cut off", PDF.replace(b"<<>>", b"<</JavaScript (x)>>"), bomb(),
    b"PK\x03\x04" + b"\0" * 100, b"\xff\xd8\xff\xe0" + b"\0" * 100, b"ID3<script>alert(1)</script>" + b"\0" * 100,
], ids=["empty", "exe", "svg", "html", "gif", "cut pdf", "pdf with a program", "pixel bomb", "zip", "broken jpeg", "sound with a script"])  # fmt: skip
def test_what_is_not_a_photo_pdf_or_sound_is_refused(content):
    with pytest.raises(files.Refused):
        files.store(upload(content))
    assert not Attachment.objects.exists()


def test_ten_megabytes_are_the_most():
    with pytest.raises(files.Refused, match="10 MB"):
        files.store(upload(b"\0" * (files.LARGEST_BYTES + 1)))


@pytest.mark.parametrize(("name", "stored"), [("../../etc/passwd.jpg", "passwd.jpg"), ("a\\b\\नल.jpg", "नल.jpg"), ("x.exe.jpg", "x_exe.jpg"),
                                               ("…", "file.jpg"), ("a\r\nSet-Cookie: x.jpg", "a_Set-Cookie_ x.jpg")])  # fmt: skip
def test_names_are_made_harmless(name, stored):
    attachment = files.store(upload(jpeg((8, 8)), name))

    assert "/" not in attachment.name
    assert "\n" not in attachment.name
    assert attachment.name.endswith(".jpg")
    assert "passwd" not in attachment.file.name


def test_pdf_is_for_saving_and_a_photo_for_looking(client, world, settings):
    complaint = world.register(files=[files.store(upload(PDF, "bill.pdf")), files.store(upload(jpeg()))])
    client.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)
    pdf, photo = complaint.attachments.order_by("id")

    assert client.get(f"/files/{pdf.key}/")["Content-Disposition"].startswith("attachment")
    answer = client.get(f"/files/{photo.key}/")
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/files/{photo.key}/?size=small")["Content-Type"] == "image/jpeg"


def test_a_file_is_seen_by_those_who_see_its_complaint_alone(client, world, settings):
    complaint = world.assigned(files=[files.store(upload(jpeg()))])
    address = f"/files/{complaint.attachments.get().key}/"
    expected = {world.citizen: 200, world.stranger: 404, world.l1.officer: 200, world.roads_l1.officer: 404}

    assert client.get(address).status_code == 404
    for user, code in expected.items():
        client.force_login(
            user, backend=settings.CITIZEN_BACKEND if user.is_citizen else "citizens.backends.StaffBackend"
        )
        assert client.get(address).status_code == code, user


def test_a_file_of_an_internal_note_is_not_the_citizens(client, world, settings):
    complaint = world.in_progress()
    note = files.store(upload(jpeg()), uploaded_by=world.l1.officer)
    workflow.change(complaint, "note", user=world.l1.officer, text="see", files=[note])
    client.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)

    assert client.get(f"/files/{note.key}/").status_code == 404


def test_a_drafts_file_is_its_browsers_alone(filing, world):
    from django.test import Client

    filing.post("/file/details/", {"text": "Dry", "kind": "complaint", "files": upload(jpeg())})
    address = f"/files/{Attachment.objects.get().key}/"

    assert filing.get(address).status_code == 200
    assert Client().get(address).status_code == 404
