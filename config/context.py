"""What every page knows."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from departments.remembered import for_half_a_minute
from simulation.models import HistoryLoad


def portal(request) -> dict:
    """The state's name in the reader's language, the helpline, whether this is the demo, and, asked for only where
    a page says it, whether it holds synthetic history."""
    language = "hi" if (get_language() or "hi").startswith("hi") else "en"
    return {
        "state_name": settings.STATE_NAME[language],
        "helpline": settings.HELPLINE,
        "demo": settings.DEMO,
        "language": language,
        "synthetic": SimpleLazyObject(_holds_synthetic_history),
    }


@for_half_a_minute
def _holds_synthetic_history() -> bool:
    return HistoryLoad.objects.exists()
