"""Names kept in both languages of the state."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_language(english: str, hindi: str, language: str | None = None) -> str:
    """The Hindi text for a Hindi reader where there is one, else the English.

    `language` defaults to the language active now.
    """
    if (language or get_language() or "en").startswith("hi"):
        return hindi or english
    return english or hindi


def by_name(thing) -> str:
    """The key that sorts things by their name in the reader's language."""
    return thing.name.casefold()


class Bilingual(models.Model):
    """A thing with a name in English and in Hindi; `name` is the one in the reader's language."""

    name_en = models.CharField(_("name in English"), max_length=200)
    name_hi = models.CharField(_("name in Hindi"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_en, self.name_hi)

    def name_in(self, language: str) -> str:
        """The name in the given language code, whatever language is active."""
        return in_language(self.name_en, self.name_hi, language)
