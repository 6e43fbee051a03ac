"""Aadhaar numbers typed into free text are masked before anything is saved (facts: UIDAI, Verhoeff check)."""

import re

from stdnum import verhoeff

# Twelve digits, first 2–9, grouped by spaces or hyphens or not at all; Devanagari digits count.
NUMBER = re.compile(r"(?<![+0-9०-९])[2-9२-९][0-9०-९]{3}[ \-]?[0-9०-९]{4}[ \-]?[0-9०-९]{4}(?![0-9०-९])")
DIGITS = str.maketrans("०१२३४५६७८९", "0123456789", " -")


def mask(text: str) -> str:
    """The text with every Aadhaar number reduced to its last four digits."""
    return NUMBER.sub(_masked, text)


def _masked(match: re.Match) -> str:
    digits = match.group().translate(DIGITS)
    return f"XXXX XXXX {digits[-4:]}" if verhoeff.is_valid(digits) else match.group()


def mask_answers(answers: dict[str, str]) -> dict[str, str]:
    """The same for the answers to a category's questions."""
    return {key: mask(value) for key, value in answers.items()}
