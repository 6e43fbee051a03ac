"""What a browser calls itself, in words: for the list of where one is signed in."""

from django.utils.translation import gettext as _

# The first that is named wins: nearly all browsers also claim to be Chrome, Safari and Mozilla.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("UCBrowser", "UC Browser"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("KAIOS", "KaiOS"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def name_of(user_agent: str) -> str:
    """“Chrome, Android”; what is not known is shown by its first letters, so that two can be told apart."""
    found = [next((name for mark, name in kinds if mark in user_agent), "") for kinds in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or user_agent[:60] or _("Unknown browser")
