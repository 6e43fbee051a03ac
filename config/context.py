"""What every page knows."""

from django.conf import settings
from django.utils.translation import get_language


def portal(request) -> dict:
    """The state's name in the reader's language, the helpline, whether this is the demo."""
    language = "hi" if (get_language() or "hi").startswith("hi") else "en"
    return {
        "state_name": settings.STATE_NAME[language],
        "helpline": settings.HELPLINE,
        "demo": settings.DEMO,
        "language": language,
    }
