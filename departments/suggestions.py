"""From a few words in Hindi, English or Romanised Hindi to the categories they mean, best first.

Words and phrases found whole weigh most; the rest is likeness by trigrams, so that typing errors and the
many spellings of Romanised Hindi find their way. Words that every complaint has count for nothing.
"""

from collections import Counter

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, Value

from .models import Category
from .spelling import normalise

LONGEST_TEXT = 300
MOST_CANDIDATES = 60
EMPTY_WORDS = frozenset(
    normalise(
        """hai hain tha thi the ho hota hoti raha rahi rahe rha rhi mein me main se ka ki ke ko kya koi par pe bhi hi na
        nahi nahin nhi mera meri mere hamara hamare hamari humare aap apna apni kripya please sir madam ji gaon gaanv
        gaav village din dino paanch teen do ek bahut bohot sab kuch karo kare kar karna diya di de aur and or the a an
        of in on at to for from is are was not no my our we i it this that there with by since days
        है हैं था थी थे हो रहा रही रहे में से का की के को क्या कोई पर भी ही न नहीं मेरा मेरी मेरे हमारा हमारे हमारी आप अपना
        अपनी कृपया जी गांव गाव दिन दिनों पांच तीन दो एक बहुत सब कुछ करो करें कर करना दिया दी दे और सर इस उस यह वह पे तक यहां
        महीने महीनों साल हफ्ते mahine mahino saal hafte months weeks years"""
    ).split()
)


def suggest(text: str, limit: int = 8) -> list[Category]:
    """The categories the text most likely means, at most `limit`; none for an empty text."""
    phrase = normalise(text[:LONGEST_TEXT].replace("\x00", "")).replace(",", " ")
    phrase = " ".join(phrase.split())
    words = [word for word in phrase.split() if word not in EMPTY_WORDS and len(word) > 1]
    if not phrase:
        return []
    candidates = _candidates(phrase, words)
    rarity = _rarity(candidates, words)
    ranked = sorted(candidates, key=lambda c: (-_score(c, phrase, words, rarity), c.code))
    return [category for category in ranked[:limit] if _score(category, phrase, words, rarity) > 0]


def _candidates(phrase: str, words: list[str]) -> list[Category]:
    """Categories that have one of the words, or are alike; a bounded number from two indexed searches."""
    usable = Category.objects.filter(is_active=True).select_related("department", "group")
    wanted = " ".join(words) or phrase
    alike = list(
        usable.annotate(likeness=TrigramWordSimilarity(Value(wanted), "search_text"))
        .filter(likeness__gt=0.25)
        .order_by("-likeness", "code")[:MOST_CANDIDATES]
    )
    any_word = Q()
    for word in words[:12]:
        any_word |= Q(search_text__contains=word)
    found = list(usable.filter(any_word).order_by("code")[: MOST_CANDIDATES * 4]) if words else []
    return list({category.pk: category for category in [*found, *alike]}.values())


def _rarity(candidates: list[Category], words: list[str]) -> dict[str, float]:
    """A word that stands in few of the candidates says more than one that stands in many."""
    seen = Counter(word for word in set(words) for category in candidates if word in category.search_text)
    return {word: 1 / (1 + seen[word]) ** 0.5 for word in words}


def _score(category: Category, phrase: str, words: list[str], rarity: dict[str, float]) -> float:
    phrases = [part.strip() for part in category.search_text.split(",") if part.strip()]
    vocabulary = {word for part in phrases for word in part.split()}
    score = 0.0
    for word in words:
        if word in vocabulary:
            score += 3 * rarity[word]
        else:
            score += 2 * rarity[word] * max((_likeness(word, known) for known in vocabulary), default=0)
    padded = f" {phrase} "
    # A whole phrase of the category inside what was typed is the surest sign.
    score += max((0.7 * len(part.split()) for part in phrases if f" {part} " in padded and len(part) > 3), default=0)
    score += max((_overlap(part, phrase) for part in phrases), default=0)
    return score


def _overlap(part: str, phrase: str) -> float:
    """The share of a known phrase's words that were typed, order apart; phrases of one word tell little."""
    known, typed = set(part.split()), set(phrase.split())
    return len(known & typed) / (len(known) + 1)


def _likeness(word: str, known: str) -> float:
    """How alike two words are by their trigrams; 0 below a half, where likeness is chance."""
    if abs(len(word) - len(known)) > 3 or word[0] != known[0]:
        return 0
    one, other = _trigrams(word), _trigrams(known)
    share = len(one & other) / len(one | other)
    return share if share >= 0.5 else 0


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}
