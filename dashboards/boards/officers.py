"""An officer's scorecard, as fair as figures can be, and tables of officers for those who lead them.

Fair means: rates of their own cases, each with how sure it is, beside the officers of the same level and department;
the load is said with it. It is never public, and no place in a row of officers is computed.
"""

from dataclasses import replace
from statistics import median

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards import intervals, reading
from dashboards.figures import FIGURES
from departments.bilingual import in_language
from departments.models import Posting, Role

from . import cards, comparison, in_time, lists, parts, splits, waiting
from .asking import Asked
from .parts import Board, Card, Column, Number, Row, Section

# What is told of a desk. How many were registered is not: a complaint that climbs or is reassigned leaves its desk, so
# that in a period more may leave than came.
OF_A_DESK = ("asked", "late", "praised", "reopened", "escalated", "ran_out", "median_days", "p90_days")
IN_A_ROW = ("on_time", "praised_of_answered", "asked", "open", "breached")
SCORED = ("on_time", "praised_of_answered", "answered_of_asked", "reopened_share")
MOST_OFFICERS = 30
# Of fewer, what the others did together is the scorecard of an equal, whom nobody may see.
FEWEST_OTHERS = 3


def board(asked: Asked, posting: Posting) -> Board:
    """One officer in one post. `asked` is narrowed to the posting and its department."""
    sections = [
        scorecard(asked, posting),
        *comparison.compared(asked, OF_A_DESK, ()),
        below(asked, posting),
        in_time.satisfaction(asked),
        in_time.by_day(asked, ("asked", "escalated")),
        waiting.oldest(asked),
    ]
    about = f"{posting.post.title} · L{posting.post.level} · {posting.post.department.name}"
    return Board(
        name_of(posting), about, _cards(asked), [part for part in sections if part],
        notes=[_("Seen by this officer, by those above them and by the Chief Minister's office. Never public.")],
    )  # fmt: skip


def _cards(asked: Asked) -> list[Card]:
    """The load as of now, and what was done in the period."""
    now, done = reading.total(asked.selection(asked.so_far())), reading.total(asked.selection())
    standing = [(name, now, asked.so_far()) for name in ("open", "breached")]
    happened = [(name, done, asked.period) for name in ("asked", "praised", "reopened")]
    return [
        Card(FIGURES[name], parts.count(counts[name], lists.behind(asked, name, days)), kind=cards.KINDS.get(name, ""))
        for name, counts, days in standing + happened
    ]


def name_of(posting: Posting) -> str:
    """The officer's name in the reader's language."""
    return in_language(posting.officer.name, posting.officer.name_hi) or posting.post.title


def scorecard(asked: Asked, posting: Posting) -> Section:
    """Load, punctuality, satisfaction and what came back, each with its interval, beside the officer's peers."""
    post = posting.post
    found = _by_posting(asked, post.department_id)
    peers = Posting.objects.filter(post__department=post.department_id, post__level=post.level, post__role=Role.OFFICER,
                                   post__line="").exclude(pk=posting.pk)  # fmt: skip
    others = [found[pk] for pk in peers.values_list("pk", flat=True) if pk in found and _worked(found[pk])]
    own = found.get(posting.pk, reading.Figures())
    rows = [_load(asked, own, others)]
    for name in SCORED:
        figure = FIGURES[name]
        href = lists.behind(asked, name, asked.period)
        numbers = [_with_cases(figure, own, href), _interval(figure, own), _of_others(figure, others)]
        rows.append(Row(figure.label, numbers, figure=figure))
    note = _(
        "Between these two the true rate lies with 95%% confidence (Wilson's interval). A wide interval means few "
        "cases: then the rate says little. The others are the %(count)s officers of level %(level)s of the same "
        "department with complaints in these days."
    ) % {"count": len(others), "level": post.level}
    if len(others) < FEWEST_OTHERS:
        few = _("They are shown from %(fewest)s on: what fewer did together is one officer's scorecard.")
        note += " " + few % {"fewest": FEWEST_OTHERS}
    columns = [Column(_("This officer")), Column(_("Interval")), Column(_("The others together"))]
    return Section("scorecard", _("Scorecard"), _("Figure"), columns, rows, note=note)


def _worked(counts) -> bool:
    """Whether an officer has anything open at the end of the period, or resolved anything in it."""
    return bool(counts["open"] or counts["asked"])


def _of_others(figure, others) -> Number:
    """The rate of those others together who have cases of it; nothing where they are fewer than FEWEST_OTHERS."""
    having = [counts for counts in others if counts[figure.whole]]
    if len(having) < FEWEST_OTHERS:
        return Number(parts.NOTHING)
    together = reading.Figures()
    for counts in having:
        together.add(counts)
    return _with_cases(figure, together)


def _load(asked: Asked, own, others) -> Row:
    usual = median(counts["open"] for counts in others) if len(others) >= FEWEST_OTHERS else None
    figure = FIGURES["open"]
    numbers = [
        parts.count(own["open"], lists.behind(asked, "open", asked.period)),
        Number(parts.NOTHING),
        parts.count(None if usual is None else round(usual), note="" if usual is None else _("the middle one of them")),
    ]
    return Row(figure.label, numbers, figure=figure)


def _with_cases(figure, counts, href: str = "") -> Number:
    cases = counts[figure.whole]
    note = _("of %(cases)s") % {"cases": parts.indian(cases)} if cases else ""
    return parts.rate(figure.of(counts), href, note)


def _interval(figure, counts) -> Number:
    cases = counts[figure.whole]
    # More came back than was resolved, where one was reopened twice: then it is no share of cases.
    if not 0 <= figure.cases(counts) <= cases or not cases:
        return Number(parts.NOTHING)
    low, high = intervals.wilson(figure.cases(counts), cases)
    return Number(_("%(low)s%% to %(high)s%%") % {"low": round(low), "high": round(high)}, round(high - low, 1))


def _by_posting(asked: Asked, department: int) -> dict:
    everyone = Asked(asked.user, asked.seen, asked.today, asked.period, {"department": (department,)})
    return reading.counts(everyone.split(), by=("posting",))


def of_department(asked: Asked, department) -> Section | None:
    """The department's officers with most open complaints; None where filters are chosen that are not kept by
    officer."""
    if set(asked.where) != {"department"}:
        return None
    return _table(asked, _by_posting(asked, department.pk), Posting.objects.filter(post__department=department))


def below(asked: Asked, posting: Posting) -> Section | None:
    """The officers under this one: of the same department, of lower levels, within the area."""
    post = posting.post
    if post.level == 1:
        return None
    under = Posting.objects.filter(
        post__department=post.department_id, post__level__lt=post.level, post__area__path__startswith=post.area.path
    )
    return _table(asked, _by_posting(asked, post.department_id), under)


def _table(asked: Asked, found: dict, postings) -> Section | None:
    postings = postings.filter(pk__in=found).select_related("post__area", "officer")
    seen = [posting for posting in postings if asked.seen.sees_officer(posting)]
    if postings and not seen:
        return None
    seen = [posting for posting in seen if _worked(found[posting.pk])]
    everyone = Asked(asked.user, asked.seen, asked.today, asked.period)
    rows = []
    for posting in sorted(seen, key=lambda posting: (-found[posting.pk]["open"], posting.pk))[:MOST_OFFICERS]:
        href = reverse("board_officer", args=[posting.pk])
        row = splits.row_of(everyone, posting.post, found[posting.pk], href, {"posting": posting.pk}, IN_A_ROW)
        rows.append(replace(row, label=f"{name_of(posting)} · {posting.post.title} · L{posting.post.level}"))
    note = _("Those with most open complaints, %(count)s at most.") % {"count": MOST_OFFICERS}
    return Section("officers", _("Officers"), _("Officer"), splits.columns(IN_A_ROW), rows, note=note if rows else "",
                   empty=_("No officer had a complaint in these days."), wide=True)  # fmt: skip
