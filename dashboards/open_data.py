"""The open data's files: which there are, and what stands in them. Their numbers come from `dashboards.releases`."""

import csv
import datetime
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from departments.models import Area, Category, Department
from grievance.desk.sheets import plain

from . import figures, reading, releases, suppression
from .cubes import next_month
from .figures import FIGURES
from .reading import Selection
from .releases import CATEGORY, DEPARTMENT, DISTRICT, STATE
from .suppression import WORK

LICENCE = "GODL-India"
LICENCE_NAME = "Government Open Data License - India"
LICENCE_URL = "https://data.gov.in/government-open-data-license-india"
DICTIONARY = "/open-data/dictionary.json"
DAILY, MONTHLY = "daily", "monthly"
DIMENSIONS = {
    STATE: _("the state"),
    DEPARTMENT: _("by department"),
    DISTRICT: _("by district"),
    CATEGORY: _("by category"),
}
# What stands in a CSV where a number is withheld; in JSON it is null.
WITHHELD = "*"
# The columns that name a row, beside its period.
NAMES = {
    STATE: (),
    DEPARTMENT: ("department", "department_en", "department_hi"),
    DISTRICT: ("district", "district_en", "district_hi"),
    CATEGORY: ("department", "category", "category_en", "category_hi"),
}
ELSEWHERE = {"en": "No district given", "hi": "ज़िला नहीं बताया"}
PERIODS = {DAILY: re.compile(r"(20\d\d)-(0[1-9]|1[0-2])"), MONTHLY: re.compile(r"(20\d\d)")}


class NotThere(LookupError):
    """There is no such file."""


@dataclass(frozen=True)
class Table:
    """One file's content. `final` says that it only changes with the figures themselves."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple]
    figures: tuple[str, ...]
    final: bool
    made_at: datetime.datetime | None


def table(grain: str, dimension: str, period: str) -> Table:
    """The table of an address. Raises NotThere for what does not exist, is to come, or lies before the first."""
    if dimension not in DIMENSIONS or grain not in PERIODS or not (found := PERIODS[grain].fullmatch(period)):
        raise NotThere
    numbers = tuple(map(int, found.groups()))
    this_month = timezone.localdate().replace(day=1)
    first = datetime.date(*numbers, 1) if grain == DAILY else datetime.date(*numbers, 1, 1)
    begins = releases.first_month() or this_month
    if first > this_month or period < str(begins)[: len(period)]:
        raise NotThere
    names = suppression.FIGURES if grain == MONTHLY or dimension == STATE else WORK.figures
    months = list(releases.released(dimension, first, first if grain == DAILY else first.replace(month=12)))
    label = _labels(dimension)
    rows = [row for month in months for row in _rows(grain, month, names, label)]
    running = grain == DAILY and first == this_month
    if running and dimension == STATE:
        rows += _running_month(first, names)
    return Table(
        title=f"{grain} {DIMENSIONS_EN[dimension]}, {period}",
        columns=("day" if grain == DAILY else "month", *NAMES[dimension], *names),
        rows=rows,
        figures=names,
        final=first < this_month if grain == DAILY else first.year < this_month.year,
        made_at=max((month.made_at for month in months), default=None),
    )


DIMENSIONS_EN = {STATE: "of the state", DEPARTMENT: "by department", DISTRICT: "by district", CATEGORY: "by category"}


def _rows(grain: str, release, names, label) -> Iterator[tuple]:
    month = f"{release.month:%Y-%m}"
    if grain == MONTHLY:
        for part, row in sorted(release.monthly.items(), key=lambda pair: label(pair[0])):
            yield (month, *label(part), *(row[name] for name in names))
        return
    for part in sorted({*release.monthly, *release.daily}, key=label):
        if part not in release.daily:
            # One row for the month: no day of it is published.
            yield (month, *label(part), *[None] * len(names))
        for day, row in release.daily.get(part, {}).items():
            yield (day, *label(part), *(row[name] for name in names))


def _running_month(first: datetime.date, names) -> list[tuple]:
    """The days that are over, of the state: parts follow when the month is over."""
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    if yesterday < first:
        return []
    by_day = reading.counts(Selection(first, yesterday, confidential=True), by=("day",))
    # Their sum is on the page of figures.
    shown = suppression.days_of_state(by_day, dict.fromkeys(names, 0))
    return [(str(day), *(row[name] for name in names)) for day, row in sorted(shown.items())]


def _labels(dimension: str):
    """A part's key in a release → the columns that name it."""
    if dimension == STATE:
        return {STATE: ()}.get
    model = {DEPARTMENT: Department, DISTRICT: Area, CATEGORY: Category}[dimension]
    rows = model.objects.filter(kind=Area.Kind.DISTRICT) if model is Area else model.objects.all()
    names = {str(pk): rest for pk, *rest in rows.values_list("pk", "code", "name_en", "name_hi")}
    unknown = ["", ELSEWHERE["en"], ELSEWHERE["hi"]]
    if dimension != CATEGORY:
        return lambda part: tuple(names.get(part, unknown))
    departments = dict(Department.objects.values_list("pk", "code"))

    def of_category(part: str) -> tuple:
        department, category = part.split("/")
        return (departments.get(int(department), ""), *names.get(category, unknown))

    return of_category


def as_csv(content: Table) -> str:
    """UTF-8 with a byte order mark, so that spreadsheets show the Hindi, and no name that they take for a formula."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(content.columns)
    writer.writerows([WITHHELD if value is None else plain(value) for value in row] for row in content.rows)
    return "\ufeff" + sheet.getvalue()


def as_json(content: Table, base: str) -> str:
    """The same with what a program needs to understand it."""
    return compact({
        "title": content.title,
        "licence": LICENCE,
        "licence_url": LICENCE_URL,
        "dictionary": base + DICTIONARY,
        "generated_from": "the event log of Seva Sankalp",
        "generated_at": content.made_at.isoformat() if content.made_at else None,
        "provisional": not content.final,
        "suppressed": None,
        "columns": content.columns,
        "rows": content.rows,
    })  # fmt: skip


def dictionary() -> list[dict]:
    """Every figure with its name, sentence and formula in both languages, and its type."""
    found = []
    for name, figure in FIGURES.items():
        entry = {"name": name, "type": type_of(figure), "in_tables": name in suppression.FIGURES}
        for language in ("en", "hi"):
            with override(language):
                for part in ("label", "definition", "formula"):
                    entry[f"{part}_{language}"] = str(getattr(figure, part))
        found.append(entry)
    return found


def type_of(figure) -> str:
    """How the figure's values are to be read."""
    if isinstance(figure, figures.Rate):
        return "percent"
    return "days" if isinstance(figure, figures.Days) else "integer"


def datasets() -> list[dict]:
    """Which tables there are, with the periods of their files, the newest first."""
    this_month = timezone.localdate().replace(day=1)
    month, months = releases.first_month() or this_month, []
    while month <= this_month:
        months.insert(0, month)
        month = next_month(month)
    years = list(dict.fromkeys(f"{month:%Y}" for month in months))
    return [
        {"grain": grain, "dimension": dimension, "label": label,
         "periods": years if grain == MONTHLY else [f"{month:%Y-%m}" for month in months]}
        for grain in (MONTHLY, DAILY) for dimension, label in DIMENSIONS.items()
    ]  # fmt: skip


def catalogue(base: str) -> str:
    """The catalogue after DCAT (https://www.w3.org/TR/vocab-dcat-3/), as JSON-LD."""
    return compact({
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
        "@id": f"{base}/open-data/",
        "@type": "dcat:Catalog",
        "dct:title": "Seva Sankalp: open data",
        "dct:license": LICENCE_URL,
        "dcat:dataset": [_dataset(base, **each) for each in datasets()],
    })  # fmt: skip


def _dataset(base: str, *, grain: str, dimension: str, periods: list[str], **_words) -> dict:
    folder = f"{base}/open-data/{grain}/by-{dimension}"
    return {
        "@type": "dcat:Dataset",
        "dct:identifier": f"{grain}-{dimension}",
        "dct:title": f"Complaints, {grain} {DIMENSIONS_EN[dimension]}",
        "dct:license": LICENCE_URL,
        "dct:accrualPeriodicity": "http://purl.org/cld/freq/monthly",
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:format": ending,
                "dcat:mediaType": media,
                "dcat:downloadURL": f"{folder}/{period}.{ending}",
            }
            for period in periods
            for ending, media in (("csv", "text/csv"), ("json", "application/json"))
        ],
    }


def compact(content) -> str:
    """As JSON without spaces, in its own letters."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
