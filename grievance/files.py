"""Files that people add: checked by content, images made anew, stored under random names.

Photos (JPEG, PNG, WebP) are decoded and encoded again as JPEG: EXIF and GPS are gone, and so is anything
that hid behind the picture. PDF and audio are kept as they are, if their content is what they say.
"""

import hashlib
import io
import re
import warnings
from pathlib import PurePath

import puremagic
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from .models import Attachment

LARGEST_BYTES = 10 * 1024 * 1024
LARGEST_PIXELS = 50_000_000
LONGEST_SIDE = 2000
SMALL_SIDE = 320
QUALITY = 85
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP")
# How the content begins → what it is. Audio as phones and WhatsApp record it.
AUDIO = (
    (re.compile(rb"OggS"), "audio/ogg"),
    (re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"), "audio/mpeg"),
    (re.compile(rb"#!AMR"), "audio/amr"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"....ftyp(?:M4A |M4B |mp42|isom|3gp|dash)", re.DOTALL), "audio/mp4"),
    (re.compile(rb"\x1aE\xdf\xa3"), "audio/webm"),
)
ENDINGS = {"image/jpeg": ".jpg", "application/pdf": ".pdf", "audio/ogg": ".ogg", "audio/mpeg": ".mp3",
           "audio/amr": ".amr", "audio/wav": ".wav", "audio/mp4": ".m4a", "audio/webm": ".webm"}  # fmt: skip
# What must not be inside a PDF that we hand to an officer: things that run.
PDF_THAT_RUNS = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia)\b")
ACCEPT = "image/jpeg,image/png,image/webp,application/pdf,audio/*"


class Refused(ValueError):
    """The file cannot be taken; the text says why and what to do."""


def store(upload, *, uploaded_by=None, draft=None) -> Attachment:
    """Checks and stores an uploaded file, not yet part of any complaint. Raises Refused."""
    if upload.size > LARGEST_BYTES:
        raise Refused(_("This file is larger than 10 MB. Choose a smaller one."))
    content = upload.read(LARGEST_BYTES + 1)
    if not content:
        raise Refused(_("This file is empty."))
    content, content_type = _checked(content)
    attachment = Attachment(
        draft=draft,
        uploaded_by=uploaded_by,
        name=_plain_name(upload.name, content_type),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    attachment.file.save("file", ContentFile(content), save=False)
    attachment.save()
    return attachment


def _checked(content: bytes) -> tuple[bytes, str]:
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise Refused(_("This PDF is incomplete. Save it again and try once more."))
        if PDF_THAT_RUNS.search(content):
            raise Refused(_("This PDF contains a program. Print it as a plain PDF, or take a photo of the page."))
        return content, "application/pdf"
    for beginning, content_type in AUDIO:
        if beginning.match(content) and _agrees(content, "audio", "video"):
            return content, content_type
    return _image(content), "image/jpeg"


def _agrees(content: bytes, *kinds: str) -> bool:
    """A second opinion, so that a web page with a sound's first bytes is not taken for a sound."""
    if re.search(rb"<(script|html|svg|!doctype)", content[:4096], re.IGNORECASE):
        return False
    try:
        guesses = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return content.startswith(b"#!AMR")
    return any(guess.mime_type.split("/")[0] in kinds for guess in guesses if guess.mime_type)


def _image(content: bytes) -> bytes:
    """The picture decoded and encoded anew, upright, at most 2000 pixels a side."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=IMAGE_FORMATS)
            if image.width * image.height > LARGEST_PIXELS:
                raise Refused(_("This picture has too many pixels. Choose a smaller one."))
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
            return _encoded(upright, LONGEST_SIDE)
    except Refused:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused(_("This picture has too many pixels. Choose a smaller one.")) from None
    except Exception as error:
        raise Refused(_("Only photos (JPEG, PNG, WebP), PDF and audio files can be added.")) from error


def _encoded(image: Image.Image, side: int) -> bytes:
    image.thumbnail((side, side))
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def small(attachment: Attachment) -> bytes:
    """A small JPEG of a stored picture, for lists."""
    with attachment.file.open("rb") as file:
        return _encoded(Image.open(file), SMALL_SIDE)


def _plain_name(name: str, content_type: str) -> str:
    """What people called the file, without paths or signs that mean something elsewhere."""
    stem = re.sub(r"[^\w\- ]+", "_", PurePath(name.replace("\\", "/")).stem).strip(" _")[:80]
    return (stem or "file") + ENDINGS[content_type]
