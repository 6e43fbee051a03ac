"""One spelling for what people type: Hindi, English or Romanised Hindi, with or without nukta and case."""

import re
import unicodedata
from functools import lru_cache

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


# Devanagari as people write it in Latin letters: consonants, then vowels and their signs.
_CONSONANTS = dict(
    zip("कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        "kkggnccjjnttddnttddnpfbbmyrlvssshl", strict=True)
)  # fmt: skip
_VOWELS = dict(
    zip("अआइईउऊऋएऐओऔऑऍािीुूृेैोौॉॅंः", "aaiiuureeoooeaiiuureeoooenh", strict=True)
)
_LETTERS = str.maketrans({**_CONSONANTS, **_VOWELS, "्": ""})
# The many Latin spellings of one sound; the order matters.
_SOUNDS = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        (r"ee|ii|ea", "i"), (r"oo|uu", "u"), (r"ai|ae", "e"), (r"au|aw(?=$)", "o"), (r"ph", "f"), (r"sch", "sk"),
        (r"chh|ch", "c"), (r"sh", "s"), (r"iy", "i"), (r"(?<=[kgjtdbf])h", ""), (r"z", "j"), (r"w", "v"),
        (r"q|x", "k"), (r"c(?=[kr])", "k"), (r"m(?=[pb])", "n"), (r"(?<=.)a", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
SHORTEST_SOUND = 2


# Names of places and the usual words come again and again.
@lru_cache(maxsize=8192)
def sound_of(word: str) -> str:
    """What one word sounds like, the same from either script and for the usual spellings: पानी, pani and paani are
    all `pni`. Empty for what is no word or too short to mean anything. `word` comes from `normalise`."""
    if any(letter.isdigit() for letter in word):
        return ""
    sound = word.translate(_LETTERS)
    if not sound.isascii():
        return ""
    for pattern, letter in _SOUNDS:
        sound = pattern.sub(letter, sound)
    return sound if len(sound) >= SHORTEST_SOUND else ""
