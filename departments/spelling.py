"""One spelling for what people type: Hindi, English or Romanised Hindi, with or without nukta and case."""

import re
import unicodedata

NUKTA = "\u093c"
JOINERS = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff"))
# Spellings of one sound that people use for each other when they type quickly.
VOWELS_NASAL = str.maketrans({"ँ": "ं"})
NOT_WORD = re.compile(r"[^\w\s,\u0900-\u097f]+")
SPACES = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Lower case, one Unicode form, no nukta, joiners or punctuation (commas stay: they part phrases)."""
    text = unicodedata.normalize("NFD", text).translate(JOINERS).replace(NUKTA, "")
    text = unicodedata.normalize("NFC", text).lower().translate(VOWELS_NASAL)
    return SPACES.sub(" ", NOT_WORD.sub(" ", text)).strip()
