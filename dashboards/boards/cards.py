"""The figures a board leads with: everything so far, and what today brought."""

from dashboards import reading
from dashboards.figures import FIGURES, share

from . import lists
from .asking import Asked
from .parts import Card, count
from .period import Period

LEAD = ("registered", "disposed", "satisfied", "open", "breached")
# Of what these are shares: of what was registered.
SHARES = {"disposed", "satisfied"}
KINDS = {"satisfied": "marigold", "breached": "late"}


def standing(asked: Asked) -> list[Card]:
    """Registered, disposed, satisfied, open and breached of all that was asked for, as of now."""
    everything = reading.total(asked.selection(asked.so_far()))
    today = reading.total(asked.selection(Period(asked.today, asked.today)))
    return [_card(asked, name, everything, today) for name in LEAD]


def _card(asked: Asked, name: str, everything, today) -> Card:
    part = share(everything[name], everything["registered"]) if name in SHARES else None
    # Of what is open it is a difference, and no list holds that.
    if name == "open":
        more, behind = today["open"] - today["open_before"], ""
    else:
        more, behind = today[name], lists.behind(asked, name, Period(asked.today, asked.today))
    return Card(
        FIGURES[name],
        count(everything[name], lists.behind(asked, name)),
        share="" if part is None else f"{part}%",
        now=count(more, behind) if name != "breached" else None,
        kind=KINDS.get(name, ""),
    )
