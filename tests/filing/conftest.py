"""A citizen in the middle of filing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def jpeg(size=(640, 480), exif=None) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#557799").save(out, "JPEG", **({"exif": exif} if exif else {}))
    return out.getvalue()


def upload(content: bytes, name="photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture(autouse=True)
def _files_in_a_folder_of_their_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def filing(client, world):
    """The client with category and place chosen, not signed in."""
    client.get("/file/")
    client.post("/file/what/", {"category": "no-water", "q": "five days without water"})
    client.post("/file/where/", {"area": world.panchayat.code, "place_note": "Ward 4"})
    return client


@pytest.fixture
def ready(filing, world, settings):
    """Everything answered, signed in: only the sending is left."""
    filing.post("/file/details/", {"text": "No water for five days", "kind": "complaint"})
    filing.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)
    return filing
