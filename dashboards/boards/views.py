"""The boards' pages. Each asks whether the board may be seen, narrows what is asked to it, and has it shown."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from dashboards.as_of import said
from dashboards.documents.typesetting import NotTypeset
from departments import remembered
from departments.models import Area, Category, Posting
from grievance import access

from . import areas, call_desk, chief_minister, comparing, menu, narrowing, officers, paper, saved
from . import category as category_board
from . import department as department_board
from . import district as district_board
from .asking import EVERYTHING, ONLY_PERIOD, Asked, ask, form_for


def _seen(request, allows) -> access.SeenFigures:
    """Whose figures the user may see; nothing is here for whom the rule does not allow it."""
    seen = access.figures_of(request.user)
    if not allows(seen):
        raise Http404
    return seen


def _found(things, code: str):
    """The one of these with this code, or 404."""
    thing = next((thing for thing in things if thing.code == code), None)
    if thing is None:
        raise Http404
    return thing


def _show(request, seen, form, build, narrow=lambda asked: asked):
    """The board, or the filters with what is wrong with them and no figure. Asked for again by the page itself, only
    the figures."""
    context = {"form": form, "menu": list(menu.boards_of(request.user)), "saved": saved.of(request.user, request.path),
               "as_of": said(timezone.now()), "longest_name": saved.LONGEST_NAME}  # fmt: skip
    right = form.is_valid()
    if right and request.GET.get("pdf") in paper.LANGUAGES:
        return _on_paper(request, seen, form, build, narrow)
    if right:
        asked: Asked = narrow(ask(request, form, seen))
        context |= {"board": build(asked), "period": asked.period, "before": asked.period.before(),
                    "is_now": asked.period.last == asked.today}  # fmt: skip
    only_figures = request.htmx and right
    if only_figures:
        # A page that asks by itself is not a person at work: the session's idle time is not touched.
        request.session.modified = False
    template = "boards/figures.html" if only_figures else "boards/board.html"
    response = render(request, template, context, status=200 if right else 400)
    add_never_cache_headers(response)
    return response


def _on_paper(request, seen, form, build, narrow):
    """The board as a PDF, in the language the address names."""
    language = request.GET["pdf"]
    with override(language):
        board = build(narrow(ask(request, form, seen)))
        try:
            content = paper.pdf(board, form, timezone.now(), language)
        except NotTypeset:
            content = None
    if content is None:
        messages.error(request, _("The PDF could not be made just now. Try again, or print this page."))
        query = request.GET.copy()
        del query["pdf"]
        return redirect(f"{request.path}?{query.urlencode()}")
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="board-{form.today:%Y-%m-%d}.pdf"'
    add_never_cache_headers(response)
    return response


def _of_the_state(request, build):
    seen = _seen(request, lambda seen: seen.state)
    form = form_for(request, departments=remembered.departments(), districts=remembered.districts())
    return _show(request, seen, form, build)


@require_safe
def state(request):
    """The Chief Minister's board."""
    return _of_the_state(request, chief_minister.board)


@require_safe
def all_departments(request):
    """Departments side by side."""
    return _of_the_state(request, comparing.departments)


@require_safe
def all_districts(request):
    """Districts side by side."""
    return _of_the_state(request, comparing.districts)


@require_safe
def department(request, department: str):
    """A department's board."""
    seen = _seen(request, bool)
    found = _found(remembered.departments(), department)
    districts = narrowing.where_of(seen, found.pk)
    offers = [name for name in EVERYTHING if name != "department"]
    form = form_for(request, offers, department=found, districts=districts or remembered.districts())
    return _show(
        request, seen, form, lambda asked: department_board.board(asked, found, districts=districts),
        lambda asked: narrowing.to_department(asked, found, districts),
    )  # fmt: skip


@require_safe
def district(request, district: str):
    """A district's board."""
    found = _found(remembered.districts(), district)
    seen = _seen(request, lambda seen: seen.sees_area(found))
    offers = [name for name in EVERYTHING if name != "district"]
    form = form_for(request, offers, departments=remembered.departments())
    return _show(
        request, seen, form, lambda asked: district_board.board(asked, found),
        lambda asked: asked.only({"area": found.code}, district=(found.pk,)),
    )  # fmt: skip


@require_safe
def category(request, category: str):
    """A category's board, wherever its department's may be seen."""
    seen = _seen(request, bool)
    found = Category.objects.select_related("department").filter(code=category, confidential=False).first()
    if found is None:
        raise Http404
    districts = narrowing.where_of(seen, found.department_id)
    offers = [name for name in EVERYTHING if name not in ("department", "category")]
    form = form_for(request, offers, districts=districts or remembered.districts())
    return _show(
        request, seen, form, lambda asked: category_board.board(asked, found, districts=districts),
        lambda asked: narrowing.to_category(asked, found, districts),
    )  # fmt: skip


@require_safe
def area(request, area: str):
    """A place's board; a district has its own."""
    seen = _seen(request, bool)
    found = Area.objects.filter(code=area).first()
    if found is None or not seen.sees_area(found):
        raise Http404
    if found.kind == Area.Kind.DISTRICT:
        return redirect("board_district", found.code)
    return _show(
        request, seen, form_for(request, ONLY_PERIOD), lambda asked: areas.board(asked, found),
        lambda asked: asked.only({"area": found.code}, area=areas.ids_within(found)),
    )  # fmt: skip


@require_safe
def officer(request, posting: int):
    """An officer's scorecard."""
    seen = _seen(request, bool)
    shown = Posting.objects.select_related("officer", "post__area", "post__department")
    found = shown.filter(pk=posting).first() if posting < 2**31 else None
    if found is None or not seen.sees_officer(found):
        raise Http404
    return _show(
        request, seen, form_for(request, ONLY_PERIOD), lambda asked: officers.board(asked, found),
        lambda asked: asked.only(
            {"posting": found.pk}, department=(found.post.department_id,), posting=(found.pk,)
        ),
    )  # fmt: skip


@require_safe
def desk(request):
    """The 1100 desk's board."""
    seen = _seen(request, lambda seen: seen.call_desk)
    return _show(request, seen, form_for(request, ONLY_PERIOD), call_desk.board)
