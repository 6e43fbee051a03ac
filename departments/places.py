"""Finding a place: by name in either language, by PIN code, or by where the phone is."""

import math

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Lower

from .bilingual import by_name
from .models import Area

LONGEST_TEXT = 80
# What a complaint can be at: the small places, and towns. A tehsil or block is chosen only step by step.
SMALL = (Area.Kind.PANCHAYAT, Area.Kind.URBAN_BODY, Area.Kind.WARD, Area.Kind.VILLAGE)
CHOOSABLE = (*SMALL, Area.Kind.BLOCK, Area.Kind.TEHSIL)
KILOMETRES_A_DEGREE = 111.2
DEVANAGARI_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")


def find(text: str, limit: int = 12) -> list[Area]:
    """Places whose name is, begins with, or is like the text, or that a PIN code points to; best first."""
    text = " ".join(text.replace("\x00", "").split())[:LONGEST_TEXT]
    if not text:
        return []
    digits = text.replace(" ", "").translate(DEVANAGARI_DIGITS)
    if digits.isascii() and digits.isdigit():
        return by_pin(digits, limit)
    english = text.isascii()
    wanted = text.lower() if english else text
    column = Lower("name_en") if english else F("name_hi")
    begins = Q(name_en__istartswith=text) if english else Q(name_hi__startswith=text)
    exact = Q(name_en__iexact=text) if english else Q(name_hi=text)
    return list(
        _usable()
        .annotate(
            likeness=TrigramWordSimilarity(Value(wanted), column),
            rank=Case(When(exact, then=0), When(begins, then=1), default=2, output_field=IntegerField()),
            bigness=Case(When(kind=Area.Kind.URBAN_BODY, then=0), When(kind__in=SMALL, then=1), default=2,
                         output_field=IntegerField()),
        )
        .filter(Q(likeness__gt=0.45) | begins)
        .order_by("rank", "-likeness", "bigness", "id")[:limit]
    )  # fmt: skip


def coordinates_of(area: Area) -> tuple[float | None, float | None]:
    """Where a place lies: itself, or else the nearest around it that is known."""
    if area.latitude is not None and area.longitude is not None:
        return area.latitude, area.longitude
    around = Area.objects.filter(pk__in=area.path_ids(), latitude__isnull=False, longitude__isnull=False)
    return around.order_by("-depth").values_list("latitude", "longitude").first() or (None, None)


def by_pin(pincode: str, limit: int = 12) -> list[Area]:
    """The places the post offices of a PIN code point to."""
    if len(pincode) != 6:
        return []
    found = _usable().filter(pincode__pincode=pincode).distinct().order_by("name_en", "id")
    # Towns first, then panchayats; a whole block or tehsil only where one does not know more.
    return sorted(found, key=lambda area: (_breadth(area), by_name(area)))[:limit]


def _breadth(area: Area) -> int:
    return 0 if area.kind == Area.Kind.URBAN_BODY else 1 if area.kind in SMALL else 2


def nearest(latitude: float, longitude: float, limit: int = 5) -> list[tuple[Area, float]]:
    """The nearest small places and how many kilometres away each is; none where the state is far."""
    for degrees in (0.1, 0.3, 1.0):
        around = _usable().filter(
            kind__in=SMALL,
            latitude__range=(latitude - degrees, latitude + degrees),
            longitude__range=(longitude - degrees, longitude + degrees),
        )
        found = sorted(((area, _kilometres(area, latitude, longitude)) for area in around), key=lambda pair: pair[1])
        if len(found) >= limit or degrees == 1.0:
            return found[:limit]
    return []


def _kilometres(area: Area, latitude: float, longitude: float) -> float:
    """Good enough within a state: the earth taken as flat around the place."""
    east = (area.longitude - longitude) * math.cos(math.radians(latitude))
    return round(KILOMETRES_A_DEGREE * math.hypot(area.latitude - latitude, east), 1)


def _usable():
    return Area.objects.filter(is_active=True, kind__in=CHOOSABLE).select_related("parent__parent")


def steps(area: Area | None) -> list[Area]:
    """What one can choose next below a place: districts, then blocks and towns, then the small places."""
    if area is None:
        return sorted(Area.objects.filter(kind=Area.Kind.DISTRICT, is_active=True), key=by_name)
    # Tehsils bear the names of blocks and lead no further: who means one finds it by its name.
    below = area.children.filter(is_active=True).exclude(kind=Area.Kind.TEHSIL).order_by("kind", "name_en")[:400]
    return sorted(below, key=lambda place: (place.kind, by_name(place)))


def in_words(area: Area) -> str:
    """The place with the places around it, up to its district."""
    names = []
    while area and area.kind not in (Area.Kind.STATE, Area.Kind.DIVISION):
        names.append(area.name)
        area = area.parent
    return ", ".join(names)


def choosable(code: str) -> Area | None:
    """The place with this code, if a complaint can be at it."""
    return Area.objects.filter(code=code, is_active=True, kind__in=CHOOSABLE).first()
