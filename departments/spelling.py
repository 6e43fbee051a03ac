"""One spelling for what people type: Hindi, English or Romanised Hindi, with or without nukta and case."""

import itertools
import re
import unicodedata
from functools import lru_cache

NUKTA = "\u093c"
JOINERS = re.compile("[\u200b\u200c\u200d\ufeff]")
# Spellings of one sound that people use for each other when they type quickly.
VOWEL_NASAL, AS_WRITTEN = "ँ", "ं"
NOT_WORD = re.compile(r"[^\w\s,\u0900-\u097f]+")
SPACES = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Lower case, one Unicode form, no nukta, joiners or punctuation (commas stay: they part phrases)."""
    text = JOINERS.sub("", unicodedata.normalize("NFD", text)).replace(NUKTA, "")
    text = unicodedata.normalize("NFC", text).lower().replace(VOWEL_NASAL, AS_WRITTEN)
    return SPACES.sub(" ", NOT_WORD.sub(" ", text)).strip()


# Devanagari as people write it in Latin letters: consonants, then vowels and their signs. The H of ह is a sound of its
# own, which makes no aspirate of the letter before it: पहाड़ is no phaad.
_CONSONANTS = dict(
    zip("कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        "kkggnccjjnttddnttddnpfbbmyrlvsssHl", strict=True)
)  # fmt: skip
_VOWELS = dict(zip("अआइईउऊऋएऐओऔऑऍािीुूृेैोौॉॅंः", "aaiiuureeoooeaiiuureeoooenh", strict=True))
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
# ड़ and ढ़ are written with r and with d (sarak, sadak), with h and without (Garhwal, Garwal), and without their dot.
# Neither begins a word, is doubled or stands after an n (मंडी is never Manri). औ is au and ou: Sirmaur, Sirmour.
_EITHER = re.compile(
    r"(?<=[aeiou])(?:h|n?[kgpmbjc]h?)?(?P<latin>rh?|dh?)(?![rdh])|(?<=[^\sं्])(?P<own>[डढ])(?!्)|(?P<vowel>au|ou|[औौ])"
)
_EITHER_AS = {
    "r": ("r", "d", "rh"), "rh": ("rh", "r", "d"), "d": ("d", "r", "rh"), "dh": ("dh", "r", "rh"),
    "ड": ("ड", "र", "rh"), "ढ": ("ढ", "र", "rh"),
    "au": ("au", "ou"), "ou": ("ou", "au"), "औ": ("औ", "ou"), "ौ": ("ौ", "ou"),
}  # fmt: skip
MOST_EITHER = 3
# Of two letters there are too many words: whoever looks for बाढ़ wants no बार, and for bad no barh.
SHORTEST_OTHER_SOUND = 3
_NO_ASPIRATE = ("r", "d", "ड")


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
    return sound.lower() if len(sound) >= SHORTEST_SOUND else ""


@lru_cache(maxsize=1024)
def sounds_of(word: str) -> tuple[str, ...]:
    """What one word may sound like to whoever reads its d and r as ड़ or ढ़, its au as ou: sarak, sadak and सड़क have a
    sound in common. Its own comes first; none where `sound_of` is empty."""
    own = sound_of(word)
    if not own:
        return ()
    is_short = len(own) < SHORTEST_OTHER_SOUND
    pieces, at = [], 0
    for found in itertools.islice(_EITHER.finditer(word), MOST_EITHER):
        name, letter = found.lastgroup, found[found.lastgroup]
        others = (letter,) if is_short and letter in _NO_ASPIRATE else _EITHER_AS[letter]
        pieces += [(word[at : found.start(name)],), others]
        at = found.end(name)
    sounds = map(sound_of, map("".join, itertools.product(*pieces, (word[at:],))))
    return tuple(dict.fromkeys([own, *(sound for sound in sounds if len(sound) >= SHORTEST_OTHER_SOUND)]))
