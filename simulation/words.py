"""What people write: complaints in Hindi, Romanised Hindi and English, questions, answers and reports."""

import csv
import random
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

# What a department's complaints have in common; all others are about an office.
TOPICS = {
    "jal-shakti": "water", "sjpnl": "water", "pwd": "roads", "hpridc": "roads", "hpsebl": "power", "energy": "power",
    "health": "health", "medical-education": "health", "himcare": "health", "school-education": "school",
    "higher-education": "school", "technical-education": "school", "revenue": "land", "land-records": "land",
    "social-justice": "pension", "women-child-development": "pension", "sainik-welfare": "pension", "hrtc": "bus",
    "transport": "bus", "bus-stands": "bus", "rural-development": "village", "panchayati-raj": "village",
    "urban-development": "town", "mc-shimla": "town", "food-civil-supplies": "ration",
    "civil-supplies-corporation": "ration", "police": "police",
}  # fmt: skip
# How often a department is complained about; all others once.
OFTEN = {"jal-shakti": 30, "pwd": 24, "hpsebl": 20, "revenue": 14, "rural-development": 9, "panchayati-raj": 8,
         "health": 8, "social-justice": 7, "hrtc": 7, "urban-development": 6, "police": 6, "school-education": 5,
         "food-civil-supplies": 5, "mc-shimla": 3, "forest": 3, "women-child-development": 3, "sjpnl": 2}  # fmt: skip
# Of the months of the year: taps run dry before the monsoon, roads break in it, wires in the snow.
IN_SEASON = {"water": {4: 1.6, 5: 2, 6: 2}, "roads": {7: 1.8, 8: 2, 9: 1.6}, "power": {1: 1.8, 2: 1.6, 12: 1.5}}
# How people write who read a language: most so, some so.
SCRIPTS = {"hi": ("hi", "roman"), "en": ("en", "roman")}
SELDOM = 0.3


@lru_cache(maxsize=1)
def _sayings() -> dict[str, list[dict]]:
    found = defaultdict(list)
    with Path(__file__).with_name("sayings.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["kind"]].append(row)
    return dict(found)


def topic(department: str) -> str:
    """What complaints about this department (its code) have in common."""
    return TOPICS.get(department, "other")


def weight(department: str, month: int) -> float:
    """How often a department is complained about in a month, against others."""
    return OFTEN.get(department, 1) * IN_SEASON.get(topic(department), {}).get(month, 1)


def say(dice: random.Random, kind: str, script: str) -> str:
    """One sentence of a kind; staff write Hindi or English, citizens any script."""
    row = dice.choice(_sayings()[kind])
    return (row[script] or row["hi" if script == "roman" else script]).format(n=dice.randrange(2, 25))


def script_of(dice: random.Random, language: str) -> str:
    """How somebody who reads this language writes: many type Hindi in Roman letters."""
    often, seldom = SCRIPTS[language]
    return seldom if dice.random() < SELDOM else often


@lru_cache(maxsize=4096)
def _each(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


def complaint(dice: random.Random, category, area, script: str) -> str:
    """A complaint about a category at a place, as citizens write."""
    words = category.words_hi if script == "hi" else category.words_roman if script == "roman" else ""
    name = category.name_en if script == "en" else category.name_hi
    matter = dice.choice(_each(words) or (name,))
    place = area.name_hi if script == "hi" else area.name_en
    opening = {"hi": f"{place}: {matter}।", "roman": f"{place} me {matter}.", "en": f"{matter}, at {place}."}[script]
    about = say(dice, topic(category.department.code), script) if dice.random() < 0.6 else ""
    return " ".join(filter(None, [opening, say(dice, "since", script), about, say(dice, "plea", script)]))
