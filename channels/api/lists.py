"""Lists of the API: `{next, previous, results}`, paged by key."""

from django.core import signing
from django.utils.translation import gettext as _
from drf_spectacular.utils import inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from grievance import access
from grievance.filters import ComplaintFilter
from grievance.models import Complaint, remember_to_show
from grievance.paging import LARGEST_PAGE, ORDERS, PAGE_SIZE, BadCursor, page_by_key
from grievance.search import understand

from .shapes import shown

LONGEST_SEARCH = 200
SALT = "api-list"


def lister(shape):
    """The schema of a list of `shape`."""
    return inline_serializer(
        name=shape.__name__.removesuffix("Serializer") + "List",
        fields={
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": shape(many=True),
        },
    )


class PagedView(APIView):
    """What lists share. `shape` is the serializer of one row."""

    shape: type[serializers.Serializer]

    def plain(self, request, name: str) -> str:
        """A query parameter without what the database cannot hold."""
        return request.query_params.get(name, "").replace("\x00", "").strip()[:LONGEST_SEARCH]

    def words(self, request) -> str:
        return self.plain(request, "q")

    def size(self, request) -> int:
        given = self.plain(request, "page_size")
        return (
            min(int(given), LARGEST_PAGE) if given.isascii() and given.isdigit() and int(given[:9]) > 0 else PAGE_SIZE
        )

    def _answer(self, request, rows, following="", before="") -> Response:
        here = request.build_absolute_uri() if request else ""
        return Response(
            {
                "next": replace_query_param(here, "cursor", following) if following else None,
                "previous": replace_query_param(here, "cursor", before) if before else None,
                "results": [shown(self.shape, row) for row in rows],
            }
        )

    def best(self, rows) -> Response:
        """The best answers to a search: one page, in the order of fitness."""
        return self._answer(None, list(rows))

    def by_code(self, request, queryset) -> Response:
        """Reference data, in the order of its codes."""
        cursor, size = self.plain(request, "cursor"), self.size(request)
        back, code = False, None
        if cursor:
            try:
                back, code = signing.loads(cursor, salt=SALT)
            except (signing.BadSignature, ValueError):
                raise BadCursor from None
            queryset = queryset.filter(**{"code__lt" if back else "code__gt": code})
        rows = list(queryset.order_by("-code" if back else "code")[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if back:
            rows.reverse()
        ahead, behind = (True, more) if back else (more, code is not None)
        if not rows:
            return self._answer(request, [])
        return self._answer(
            request,
            rows,
            signing.dumps([False, rows[-1].code], salt=SALT) if ahead else "",
            signing.dumps([True, rows[0].code], salt=SALT) if behind else "",
        )

    def complaints(self, request) -> Response:
        """The complaints the token's holder may see, filtered as on the desk."""
        if request.query_params.keys() == {"text"} and (number := understand(self.plain(request, "text")).number):
            return self._numbered(request, number)
        order = self.plain(request, "order") or "newest"
        if order not in ORDERS:
            raise exceptions.ValidationError({"order": [_("Choose newest, oldest or due.")]})
        seen = access.visible_to(request.user)
        narrowed = ComplaintFilter(request.query_params, queryset=seen, request=request)
        if not narrowed.form.is_valid():
            raise exceptions.ValidationError(narrowed.form.errors)
        page = page_by_key(
            narrowed.qs, self.plain(request, "cursor"), self.size(request), order, narrowed.along,
            narrowed=narrowed.narrowed,
        )  # fmt: skip
        remember_to_show(page.items)
        return self._answer(request, page.items, page.next, page.previous)

    def _numbered(self, request, number: str) -> Response:
        """The complaint with this number, which is what most searches are for: a list of one or none, for which no
        filters need to be made."""
        try:
            found = access.find(request.user, number)
        except Complaint.DoesNotExist:
            return self._answer(request, [])
        return self._answer(request, [found] if access.lists(request.user, found) else [])
