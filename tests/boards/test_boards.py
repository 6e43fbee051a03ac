"""The boards' figures are those of the readings; each is explained, compared, drawn over a table, and leads to a list."""

import datetime
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.utils.html import escape

from dashboards import figures, intervals, reading
from dashboards.boards import districts_map, lists, parts, period, splits
from dashboards.boards.period import Period
from dashboards.reading import Selection
from departments import remembered
from departments.models import Category, CategoryGroup, Department
from grievance import access, filters
from grievance.models import Complaint, Event
from grievance.models.event import LOOKED_FOR
from tests.factories import AreaFactory, CategoryFactory

pytestmark = pytest.mark.django_db
EVERYTHING = Selection(confidential=True)


def cards(board) -> dict:
    return {card.figure.name: card.number.value for card in board.cards}


def section(board, name):
    return next(found for found in board.sections if found.name == name)


def numbers(found) -> dict:
    return {str(row.label): [number.value for number in row.numbers] for row in found.rows}


def everywhere(world) -> dict:
    """The address of each board of the month's state, with somebody who may see it."""
    return {
        "/boards/": world.cm_office, "/boards/departments/": world.cm_office, "/boards/districts/": world.cm_office,
        "/boards/departments/jal-shakti/": world.nodal, "/boards/districts/d-23/": world.commissioner,
        "/boards/categories/no-water/": world.nodal, f"/boards/areas/{world.block.code}/": world.commissioner,
        f"/boards/officers/{world.l1.pk}/": world.l1, "/boards/desk/": world.agent,
    }  # fmt: skip


def test_the_leading_figures_are_the_states_own_and_exact_at_once(month, boards_of):
    hidden = CategoryFactory(department=month.water, confidential=True, line="181")
    month.register(category=hidden)
    total = reading.total(EVERYTHING)

    board = boards_of(month.cm_office).board()

    assert cards(board) == {name: total[name] for name in ("registered", "disposed", "satisfied", "open", "breached")}
    assert (total["registered"], total["breached"]) == (Complaint.objects.count(), 1)
    assert [card.share for card in board.cards][:3] == ["", f"{figures.share(total['disposed'], total['registered'])}%",
                                                       f"{figures.share(total['satisfied'], total['registered'])}%"]  # fmt: skip


def test_today_stands_beside_yesterday_and_the_same_day_last_week(month, boards_of):
    found = section(boards_of(month.cm_office).board(), "today")

    by_day = reading.counts(EVERYTHING, by=("day",))
    days = [month.today - datetime.timedelta(days=ago) for ago in (0, 1, 7)]
    assert [str(column.label) for column in found.columns] == ["Today", "Yesterday", "A week ago"]
    for row in found.rows:
        assert [number.value for number in row.numbers] == [by_day.get(day, {}).get(row.figure.name, 0) for day in days]
    assert numbers(found)["Registered"] == [2, 2, 0]


def test_a_period_is_compared_with_as_many_days_before(month, boards_of):
    board = boards_of(month.cm_office).board(period="7d")
    last = Period(month.today - datetime.timedelta(days=6), month.today)
    now, before = (reading.total(Selection(span.first, span.last, confidential=True)) for span in (last, last.before()))

    found = section(board, "compared")

    assert last.before().days == 7
    assert numbers(found)["Registered"][:2] == [now["registered"], before["registered"]]
    assert numbers(found)["Within the deadline"][0] == figures.FIGURES["on_time"].of(now)
    assert len(found.columns) == 3
    assert len(section(boards_of(month.cm_office).board(period="all"), "compared").columns) == 1


def test_every_board_shows_what_the_readings_say(month, boards_of):
    wanted = {
        "/boards/departments/jal-shakti/": {"department": (month.water.pk,)},
        "/boards/districts/d-23/": {"district": (month.district.pk,)},
        "/boards/categories/no-water/": {"category": (month.no_water.pk,)},
        f"/boards/areas/{month.block.code}/": {"area": (month.block.pk, month.panchayat.pk)},
        f"/boards/officers/{month.l1.pk}/": {"posting": (month.l1.pk,)},
    }
    for address, where in wanted.items():
        total = reading.total(Selection(where=where))
        found = cards(boards_of(month.cm_office).board(address, period="all"))
        assert {"open", "breached"} < set(found)
        assert found == {name: total[name] for name in found}, address


def test_filters_narrow_every_figure(month, boards_of):
    boards = boards_of(month.cm_office)
    group = CategoryGroup.objects.create(code="taps", department=month.water, name_en="Taps")
    water = {"department": (month.water.pk,), "category": (month.no_water.pk,)}
    month.no_water.group = group
    month.no_water.save()
    for query, where in (
        ({"department": "pwd"}, {"department": (month.roads.pk,)}),
        ({"district": "d-23", "channel": "web"}, {"district": (month.district.pk,), "channel": ("web",)}),
        ({"kind": "demand"}, {"kind": ("demand",)}),
        ({"level": "4"}, {"level": (4,)}),
        ({"department": "jal-shakti", "category": "no-water"}, water),
        ({"department": "jal-shakti", "category": "group:taps"}, water),
    ):
        total = reading.total(Selection(where=where))
        assert cards(boards.board(period="all", **query))["registered"] == total["registered"], query


def test_both_percentiles_are_shown_of_the_disposal_and_of_each_level(month, boards_of):
    board = boards_of(month.cm_office).board(period="year")
    shown = {row.figure.name: row.numbers[0].value for name in ("compared", "closings") for row in section(board, name).rows}

    for names in (("median_days", "p90_days"), *((f"days_to_level_{n}", f"p90_days_to_level_{n}") for n in (2, 3, 4))):
        median, ninth = (shown[name] for name in names)
        assert 0 <= median <= ninth, names
    assert 7 < shown["p90_days_to_level_2"] < 30


def test_what_is_not_kept_is_said(month, boards_of):
    found = section(boards_of(month.cm_office).board(channel="web"), "compared")

    assert numbers(found)["Median days to dispose"] == [None, None, None]
    assert "not kept" in found.note


def links(board):
    """(number, address) of every number that leads to a list."""
    found = [card.number for card in board.cards] + [card.now for card in board.cards if card.now]
    for part in board.sections:
        found += [number for row in part.rows for number in row.numbers]
    return [(number.value, number.href) for number in found if number.href]


def test_every_number_leads_to_the_list_of_as_many_complaints(month, boards_of):
    """What stands so, or was registered: as many in the list as the number says."""
    boards = boards_of(month.cm_office)
    checked = 0
    for address in ("/boards/", "/boards/departments/pwd/", "/boards/districts/d-23/", f"/boards/officers/{month.l1.pk}/"):
        for value, href in set(links(boards.board(address, period="all"))):
            answer = boards.client.get(href)
            assert answer.status_code == 200
            assert not answer.context["filter"].form.errors, href
            if "did=" not in href and isinstance(value, int):
                found = answer.context["found"]
                whole = access.visible_to(boards.user).count() if found is None else found
                assert whole == value, href
                checked += 1
    assert checked > 20


def test_what_happened_leads_to_the_complaints_it_happened_to(month, boards_of):
    boards = boards_of(month.cm_office)
    found = section(boards.board(period="90d"), "compared")
    wanted = {"Satisfied": "satisfied", "Disposed": "resolve"}
    for row in found.rows:
        if action := wanted.get(str(row.label)):
            listed = {shown["complaint"].pk for shown in boards.client.get(row.numbers[0].href).context["rows"]}
            actions = [action] if action != "resolve" else ["resolve", "withdraw", "merge"]
            assert listed == set(Complaint.objects.filter(events__action__in=actions).values_list("pk", flat=True))


@pytest.mark.parametrize("few", [0, 20_000])
@pytest.mark.parametrize("period", ["90d", "year", "all"])
def test_what_happened_in_any_period_is_listed_found_by_few_events_or_along_many(month, boards_of, monkeypatch, period, few):
    monkeypatch.setattr(filters, "FEW_HAPPENINGS", few)
    boards = boards_of(month.cm_office)
    checked = 0
    for value, href in links(boards.board(period=period)):
        query = parse_qs(urlsplit(href).query)
        if "did" in query and isinstance(value, int):
            events = Event.objects.filter(action__in=query["did"])
            events = events.filter(at__date__gte=query["did_since"][0]) if "did_since" in query else events
            events = events.filter(at__date__lte=query["did_until"][0]) if "did_until" in query else events
            visible = access.visible_to(boards.user).filter(pk__in=events.values("complaint"))
            answer = boards.client.get(href)
            assert {row["complaint"].pk for row in answer.context["rows"]} == {found.pk for found in visible}, href
            assert answer.context["found"] == visible.count()
            checked += 1
    assert checked > 3


def test_what_took_the_complaint_away_leads_to_no_list_that_lacks_it(month, boards_of):
    """A list holds the complaints that stand there now; what was given away or went up is not among them."""
    boards = boards_of(month.cm_office)
    water, desk = "/boards/departments/jal-shakti/", f"/boards/officers/{month.l1.pk}/"
    rows = {
        (address, row.figure.name): row.numbers[0]
        for address in ("/boards/", water, desk)
        for found in boards.board(address, period="year").sections
        if found.name in ("compared", "closings", "scorecard")
        for row in found.rows
    }
    for address, name in ((water, "transferred_share"), (desk, "reopened"), (desk, "reopened_share"), (desk, "escalated"),
                          (desk, "praised_of_answered")):  # fmt: skip
        assert rows[address, name].value, (address, name)
        assert rows[address, name].href == "", (address, name)
    for name in ("transferred_share", "escalated", "reopened_share"):
        assert rows["/boards/", name].href, name
    assert rows[water, "escalated"].href
    assert rows[desk, "asked"].href


def test_every_happening_a_number_leads_to_has_its_index():
    assert {action for actions in lists.HAPPENED.values() for action in actions} == set(LOOKED_FOR)


def test_an_agent_has_no_lists_so_no_number_leads_to_one(month, boards_of):
    assert links(boards_of(month.agent).board("/boards/desk/")) == []


def test_a_list_from_a_board_says_what_it_is_narrowed_by_and_keeps_it(month, boards_of):
    page = boards_of(month.cm_office).get("/desk/", view="all", outcome="satisfied", channel="web").content.decode()

    assert "Channel: Web page" in page
    assert '<input type="hidden" name="outcome" value="satisfied">' in page


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_figure_shows_its_definition_where_it_stands(month, boards_of, language):
    for address, who in everywhere(month).items():
        answer = boards_of(who, language).get(address)
        page = answer.content.decode()
        board = answer.context["board"]
        shown = {card.figure for card in board.cards} | {one for part in board.sections if part.rows for one in part.figures}
        for figure in shown:
            assert figure is figures.FIGURES[figure.name], (address, figure.name)
            assert escape(str(figure.definition)) in page, (address, figure.name)
            assert escape(str(figure.formula)) in page, (address, figure.name)


def test_what_is_out_of_use_keeps_its_row_and_its_board_while_it_has_complaints(month, boards_of):
    boards = boards_of(month.cm_office)
    addresses = {"/boards/departments/": "departments", "/boards/districts/d-23/": "departments",
                 "/boards/departments/pwd/": "categories"}  # fmt: skip

    def rows() -> dict:
        return {address: numbers(section(boards.board(address, period="all"), name)) for address, name in addresses.items()}

    before = rows()
    assert "Public Works" in before["/boards/departments/"]
    Department.objects.filter(pk=month.roads.pk).update(is_active=False)
    Category.objects.filter(pk=month.pothole.pk).update(is_active=False)
    Department.objects.create(code="never", name_en="Never used", name_hi="कभी नहीं", is_active=False)
    remembered.forget()

    assert rows() == before
    total = reading.total(Selection(where={"department": (month.roads.pk,)}))
    for query in ({"department": "pwd"}, {"department": "pwd", "category": "pothole"}):
        assert cards(boards.board(period="all", **query))["registered"] <= total["registered"]
    offered = boards.get("/boards/").context["form"].fields["department"].choices
    assert [code for code, _name in offered] == ["", "jal-shakti"]
    assert "Never used" not in boards.get("/boards/departments/").content.decode()


def test_what_was_folded_out_can_stay_so_when_the_figures_are_fetched_anew(month, boards_of):
    """The page's script opens again what was open, by its id."""
    for address, who in everywhere(month).items():
        figures_alone = boards_of(who).client.get(address, headers={"hx-request": "true"}).content.decode()
        folds = re.findall(r"<details[^>]*>", figures_alone)
        ids = [re.search(r'\bid="([\w-]+)"', fold) for fold in folds]
        assert all(ids), address
        assert len({found[1] for found in ids}) == len(folds), address


def test_a_chart_is_drawn_over_a_table_that_says_the_same(month, boards_of):
    page = boards_of(month.cm_office).get().content.decode()

    drawn = re.findall(r'<script id="(chart-[\w-]+)" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert {name for name, _data in drawn} == {"chart-satisfaction", "chart-by-day", "chart-ages"}
    for name, data in drawn:
        table = page[page.index(f'id="table-{name.removeprefix("chart-")}"') :]
        table = table[: table.index("</table>")]
        for label in json.loads(data)["labels"]:
            assert label in table
    assert page.count('<canvas aria-hidden="true">') == 3
    assert "data-behind-chart" in page
    assert not re.search(r"<details[^>]*data-behind-chart[^>]*>", page).group().startswith("<details hidden")


def test_worst_and_best_are_placed_by_rates_with_enough_cases(month, boards_of, monkeypatch):
    assert section(boards_of(month.cm_office).board(), "worst-department").rows == []
    monkeypatch.setattr(splits, "ENOUGH", 2)

    board = boards_of(month.cm_office).board()

    worst, best = section(board, "worst-department"), section(board, "best-department")
    assert len(worst.rows) == len(best.rows) == 1
    assert str(worst.rows[0].label) != str(best.rows[0].label)
    assert "Wilson" in worst.note


def test_wilsons_interval_is_that_of_the_book():
    low, high = intervals.wilson(81, 263)

    assert (round(low, 1), round(high, 1)) == (25.5, 36.6)
    assert intervals.wilson(0, 10)[0] == pytest.approx(0)
    assert intervals.wilson(10, 10)[1] == pytest.approx(100)


def test_a_category_that_brings_more_than_before_is_said_to_rise(month, boards_of):
    for _n in range(12):
        month.register(category=month.pothole)

    found = section(boards_of(month.cm_office).board(), "rising")

    assert [str(row.label) for row in found.rows] == ["Potholes, Public Works"]
    assert "four weeks before" in found.note
    assert found.figures == list(figures.RISING)
    assert figures.FIGURES["rise"].of({"risen": 15, "expected": 10}) == parts.change(15, 10, None).value == 50


def test_the_ages_of_what_is_open_say_from_when_they_run(month, boards_of):
    found = section(boards_of(month.cm_office).board(), "ages")

    assert found.figures == [figures.FIGURES["open"], figures.OPEN_BY_AGE]


def test_the_map_shades_the_districts_and_the_table_beside_it_says_the_same(month, boards_of):
    page = boards_of(month.cm_office).get("/boards/districts/").content.decode()
    found = section(boards_of(month.cm_office).board("/boards/districts/"), "districts")
    rate = found.rows[0].numbers[0]

    assert [districts_map.shade(percent) for percent in (None, 0, 49.9, 50, 79.9, 80, 100)] == [None, 0, 0, 1, 2, 3, 4]
    assert str(found.rows[0].label) == "Shimla"
    assert (f"board-shade--{districts_map.shade(rate.value)}" in page) == bool(found.extra)
    assert rate.text in page


def test_the_oldest_open_come_first_and_no_more_than_twenty(month, boards_of):
    for _n in range(20):
        month.register()
    found = section(boards_of(month.cm_office).board(), "oldest")

    assert len(found.rows) == 20
    assert found.rows[0].href == f"/desk/{month.breached.number}/"
    assert str(found.rows[0].mark) == "Breached"


def test_the_chosen_filters_are_named_where_they_are_folded_away(month, boards_of):
    boards = boards_of(month.cm_office)

    assert "<summary>Filters: Level: L1</summary>" in boards.get("/boards/", level="1").content.decode()
    wrong = boards.get("/boards/", **{"from": "2020-02-02", "to": "2020-01-01"}).content.decode()
    assert '<details class="board-fold" open>' in wrong, "what must be mended is not hidden"


def test_a_section_with_nothing_to_show_comes_last_and_says_so(month, boards_of):
    answer = boards_of(month.cm_office).get()
    board, page = answer.context["board"], answer.content.decode()
    empty = [section for section in board.sections if not section.rows]

    assert empty
    assert board.in_order[-len(empty) :] == empty
    assert sorted(map(id, board.in_order)) == sorted(map(id, board.sections))
    places = [page.index(f'id="of-{section.name}"') for section in board.in_order]
    assert places == sorted(places)


def test_numbers_that_look_like_mistakes_are_explained_where_they_stand():
    def notes(*shown, note=""):
        columns = [parts.Column(str(place)) for place, _number in enumerate(shown)]
        return parts.Section("one", "One", columns=columns, rows=[parts.Row("Row", list(shown))], note=note).notes

    assert notes(parts.count(-3)) == [
        "Below 0: what was reopened or given to another office is taken off where it was counted."
    ]
    assert notes(parts.rate(138.2), note="First.") == [
        "First.", "Over 100%: what happened in these days can be about complaints of earlier days."
    ]  # fmt: skip
    usual = (parts.count(3), parts.count(None), parts.rate(100), parts.rate(None), parts.days(400.0))
    assert notes(*usual, parts.change(1, 3, None), parts.change(9, 1, None)) == []


def test_a_board_says_what_the_filters_leave_of_it(month, boards_of):
    cm, nodal = boards_of(month.cm_office), boards_of(month.nodal)
    water = f"/boards/departments/{month.water.code}/"

    assert [cm.board().about, cm.board(level="1").about] == ["The whole state", "What the filters choose"]
    assert nodal.board(water).about == "All districts"
    assert nodal.board(water, district=month.district.code).about == month.district.name


def test_a_town_is_told_apart_from_the_block_of_its_name(month, boards_of):
    block = month.block
    town = AreaFactory(kind="urban_body", parent=block.parent, name_en=block.name_en, name_hi=block.name_hi)
    month.register(area=town)

    found = section(boards_of(month.cm_office).board(f"/boards/districts/{month.district.code}/"), "places")

    labels = [row.label for row in found.rows]
    assert len(set(labels)) == len(labels)
    assert f"{town.name} ({town.get_kind_display()})" in labels


def test_rows_of_words_stand_as_blocks_on_a_phone_and_stay_a_table(month, boards_of):
    boards = boards_of(month.cm_office)
    page = boards.get("/boards/").content.decode()

    oldest = page[page.index('aria-labelledby="of-oldest"') :]
    assert 'class="govuk-table board-rows board-rows--words" role="table"' in oldest
    assert 'data-label="Days open"' in oldest
    assert section(boards.board("/boards/"), "oldest").has_words
    assert not section(boards.board("/boards/"), "today").has_words


def test_large_changes_and_long_times_are_grouped_the_indian_way():
    assert parts.change(250_000, 1, None).text == "▲ 2,49,99,900%"
    assert parts.days(1234.56).text == "1,234.6"
    # Rounded to a tenth it would be up to a third of them off.
    assert [parts.days(days).text for days in (0.02, 0.149, 9.94, 9.99, 10.0)] == ["0.02", "0.15", "9.94", "9.99", "10.0"]
    assert parts.change(3, 2, None).text == "▲ 50%"


def test_a_scorecard_says_how_sure_it_is_and_compares_with_the_same_level(month, boards_of):
    found = section(boards_of(month.l1).board(f"/boards/officers/{month.l1.pk}/"), "scorecard")
    own = reading.total(Selection(month.today - datetime.timedelta(days=29), month.today, {"posting": (month.l1.pk,)}))
    rate = figures.FIGURES["praised_of_answered"]

    low, high = intervals.wilson(rate.cases(own), own["answered"])
    assert f"{round(low)}% to {round(high)}%" in [number.text for row in found.rows for number in row.numbers]
    assert numbers(found)["Open"][0] == own["open"]
    assert "level 1" in found.note


def test_the_figures_alone_are_sent_to_a_page_that_asks_again(month, boards_of):
    boards = boards_of(month.cm_office)
    page = boards.get().content.decode()
    again = boards.client.get("/boards/", headers={"hx-request": "true"}).content.decode()

    assert 'hx-trigger="every 60s"' in page
    assert "Figures as of" in again
    assert "<html" not in again
    assert "hx-get" not in boards.get(**{"from": "2026-06-01", "to": "2026-06-10"}).content.decode()


def test_a_period_before_has_as_many_days():
    today = datetime.date(2026, 3, 15)
    assert period.preset("last-month", today) == Period(datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    for name, _label in period.PRESETS:
        found = period.preset(name, today)
        assert found.before() is None or found.before().days == found.days
    assert Period(datetime.date(2001, 1, 1), today).before() is None


# How many statements each board takes, whatever it shows: no row asks anything of its own.
MOST_QUERIES = {"/boards/": 38, "/boards/departments/": 15, "/boards/districts/": 16}


def test_no_board_asks_more_when_there_is_more_to_show(month, boards_of, django_assert_max_num_queries):
    for address, who in everywhere(month).items():
        boards = boards_of(who)
        boards.get(address)
        with django_assert_max_num_queries(MOST_QUERIES.get(address, 40)) as few:
            boards.get(address)
        for _n in range(3):
            category = CategoryFactory(department=month.water)
            month.assigned(category=category)
        with django_assert_max_num_queries(len(few)):
            boards.get(address)


@pytest.mark.parametrize("narrowed", [{}, {"department": 1}, {"district": 1}])
def test_the_oldest_are_found_by_index(month, narrowed):
    seen = access.visible_to(month.cm_office.officer).filter(
        state__in=["registered", "assigned", "in_progress", "awaiting_citizen"], **narrowed
    )
    with connection.cursor() as cursor:
        # On so few rows reading all of them is the cheapest; what matters is that there is another way.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = seen.order_by("id")[:20].explain()
    assert "Seq Scan on grievance_complaint" not in plan
