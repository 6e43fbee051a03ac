"""The part of a text where a search's words stand, in pieces, so that a page marks and escapes each by itself.

Not PostgreSQL's `ts_headline`: it knows no words that only sound alike, and its marks are HTML in what people wrote.
"""

import re

from departments.spelling import normalise, sound_of, sounds_of

LENGTH = 180
BEFORE = 50
# A word with its vowel signs, which are no letters to Python.
WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u097f]+")
SHORTEST_STEM = 3


def excerpt(text: str, words: tuple[str, ...]) -> list[tuple[str, bool]]:
    """About LENGTH characters around the first of `words` in `text`, as pieces, each with whether it is one of them."""
    text = " ".join(text.split())
    sounds = {sound for word in words for sound in sounds_of(word)}
    hits = [match.span() for match in WORD.finditer(text) if _is_meant(normalise(match[0]), words, sounds)]
    start = max(0, hits[0][0] - BEFORE) if hits else 0
    if start:
        start = text.find(" ", start) + 1
    end = start + LENGTH
    if end < len(text):
        end = max(text.rfind(" ", start, end), start) if " " in text[start:end] else end
    pieces, at = [("… ", False)] if start else [], start
    for first, last in hits:
        if start <= first and last <= end:
            pieces += [(text[at:first], False), (text[first:last], True)]
            at = last
    pieces.append((text[at:end] + (" …" if end < len(text) else ""), False))
    return [piece for piece in pieces if piece[0]]


def _is_meant(word: str, words: tuple[str, ...], sounds: set[str]) -> bool:
    if word in words or sound_of(word) in sounds:
        return True
    return any(
        min(len(word), len(typed)) >= SHORTEST_STEM and (word.startswith(typed) or typed.startswith(word))
        for typed in words
    )
