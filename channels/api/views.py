"""The REST API's views: they parse, ask access, call one function of the workflow, and answer."""

import hashlib

from django.conf import settings
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from citizens import one_time_password
from citizens.addresses import client_address
from citizens.models import ApiToken, User
from departments.models import Area, Category, Department
from departments.suggestions import suggest
from grievance import access, files, workflow
from grievance.models import Complaint, remember_to_show
from grievance.paging import LARGEST_PAGE, PAGE_SIZE

from . import actions, shapes
from .lists import PagedView, lister

PAGING = (
    OpenApiParameter(
        "cursor", str,
        description="From `next` or `previous`. A narrowed list is looked through a part at a time: a page may have"
        " fewer rows than asked for, or none, and still a `next`.",
    ),
    OpenApiParameter("page_size", int, description=f"Rows a page: {PAGE_SIZE} unless told, {LARGEST_PAGE} at most."),
)
SEARCH = OpenApiParameter("q", str, description="Words in Hindi, English or Romanised Hindi.")


class SendCode(APIView):
    """Sends a one-time password to a phone; the answer is the same for every number."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=shapes.PhoneSerializer, responses={
        202: shapes.DetailSerializer, 400: shapes.ErrorsSerializer, 429: shapes.DetailSerializer,
        503: shapes.DetailSerializer})  # fmt: skip
    def post(self, request):
        form = shapes.PhoneSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            one_time_password.send(form.validated_data["phone"], "api", client_address(request), get_language())
        except one_time_password.TooMany as error:
            raise exceptions.Throttled(wait=error.wait.total_seconds()) from error
        return Response({"detail": _("A code was sent.")}, status.HTTP_202_ACCEPTED)


class VerifyCode(APIView):
    """Gives a citizen's token for a phone and its one-time password."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=shapes.CodeSerializer, responses={200: shapes.TokenSerializer, 400: shapes.ErrorsSerializer})
    def post(self, request):
        form = shapes.CodeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        phone = form.validated_data["phone"]
        try:
            one_time_password.check(phone, form.validated_data["code"], "api")
        except one_time_password.WrongCode:
            raise exceptions.ValidationError({"code": [_("This code is wrong or too old.")]}) from None
        citizen = User.objects.citizen(phone, language=get_language())
        if not citizen.is_active:
            raise exceptions.PermissionDenied
        return Response({"token": ApiToken.objects.issue(citizen, label="one-time password")})


class OpenListView(PagedView):
    """Reference data, open to all: what a client needs before it can register."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class Departments(OpenListView):
    shape = shapes.DepartmentSerializer

    @extend_schema(operation_id="departments_list", parameters=[*PAGING, SEARCH],
                   responses=lister(shapes.DepartmentSerializer))  # fmt: skip
    def get(self, request):
        """The departments that take complaints."""
        words = self.words(request)
        found = Department.objects.filter(is_active=True)
        if words:
            found = found.filter(Q(name_en__icontains=words) | Q(name_hi__icontains=words) | Q(code=words)
                                 | Q(short_en__icontains=words) | Q(short_hi__icontains=words))  # fmt: skip
        return self.by_code(request, found)


class Categories(OpenListView):
    shape = shapes.CategorySerializer

    @extend_schema(operation_id="categories_list", parameters=[*PAGING, SEARCH, OpenApiParameter("department", str)],
                   responses=lister(shapes.CategorySerializer))  # fmt: skip
    def get(self, request):
        """The categories with their extra questions; with `q` the best twenty for these words."""
        words = self.words(request)
        if words:
            return self.best(suggest(words, limit=20))
        found = Category.objects.filter(is_active=True).select_related("department", "group")
        if department := self.plain(request, "department"):
            found = found.filter(department__code=department)
        return self.by_code(request, found)


class Areas(OpenListView):
    shape = shapes.AreaSerializer

    @extend_schema(operation_id="areas_list", responses=lister(shapes.AreaSerializer), parameters=[
        *PAGING, SEARCH, OpenApiParameter("kind", str), OpenApiParameter("parent", str)])  # fmt: skip
    def get(self, request):
        """The area tree; with `q` the best twenty for a name or a PIN code."""
        found = Area.objects.filter(is_active=True).select_related("parent")
        for name, lookup in (("kind", "kind"), ("parent", "parent__code")):
            if value := self.plain(request, name):
                found = found.filter(**{lookup: value})
        words = self.words(request)
        if not words:
            return self.by_code(request, found)
        if words.isdigit() and len(words) == 6:
            return self.best(found.filter(pincode__pincode=words).distinct().order_by("id")[:20])
        column, wanted = ("name_hi", words) if not words.isascii() else (Lower("name_en"), words.lower())
        close = TrigramWordSimilarity(wanted, column)
        return self.best(found.annotate(close=close).filter(close__gt=0.4).order_by("-close", "depth", "id")[:20])


class Complaints(PagedView):
    shape = shapes.ComplaintLineSerializer

    @extend_schema(
        operation_id="complaints_list",
        parameters=[*PAGING, OpenApiParameter("order", str, enum=["newest", "oldest", "due"]),
                    *(OpenApiParameter(name, str) for name in
                      ("text", "state", "kind", "department", "category", "area", "level", "age", "since", "until",
                       "overdue"))],
        responses=lister(shapes.ComplaintLineSerializer),
    )  # fmt: skip
    def get(self, request):
        """The complaints the token's holder may see, narrowed by filters, paged by key."""
        return self.complaints(request)

    @extend_schema(
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)],
        request=shapes.NewComplaintSerializer,
        responses={201: shapes.ComplaintSerializer, 400: shapes.ErrorsSerializer, 403: shapes.DetailSerializer,
                   422: shapes.DetailSerializer},
    )  # fmt: skip
    def post(self, request):
        """Registers a complaint; the same Idempotency-Key gives the same complaint again."""
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key:
            raise exceptions.ValidationError({"Idempotency-Key": [_("Send this header: one new value a complaint.")]})
        data = shapes.taken(shapes.NewComplaintSerializer, request.data)
        # A citizen first heard of and the complaint are one transaction: both or neither, and one wait for the disk.
        with transaction.atomic():
            citizen, language, role = self._for_whom(request.user, data.pop("citizen", None))
            actor = access.Actor(request.user, role, None, "api")
            complaint, is_new = workflow.register(
                citizen=citizen, language=language, actor=actor,
                key="api-" + hashlib.sha256(key.encode()).hexdigest(), **data
            )  # fmt: skip
        if not is_new:
            complaint = workflow.as_registered(complaint)
        if access.sees(request.user, complaint):
            answer = present(request, complaint)
        else:
            # Of a confidential line: whoever registered it for the citizen keeps the number, and no sight of it.
            answer = {"number": complaint.number, "detail": _("Done. The complaint is out of your sight now.")}
        return Response(answer, status.HTTP_201_CREATED)

    def _for_whom(self, user, given) -> tuple[User, str, str]:
        """The citizen, their language, and the capacity in which the caller registers."""
        if user.is_citizen:
            return user, get_language(), "citizen"
        role = access.registering_role(user)
        if role is None:
            raise exceptions.PermissionDenied
        if not given:
            raise exceptions.ValidationError({"citizen": [_("Say for whom: phone, and name if known.")]})
        citizen = User.objects.citizen(given["phone"], name=given["name"], language=given["language"])
        return citizen, given["language"], role


class OneComplaint(APIView):
    @extend_schema(responses={200: shapes.ComplaintSerializer, 404: shapes.DetailSerializer})
    def get(self, request, number):
        """One complaint with its history."""
        return Response(present(request, access.find(request.user, number)))


class Actions(APIView):
    @extend_schema(
        request=shapes.ActionSerializer,
        responses={200: shapes.ComplaintSerializer, 400: shapes.ErrorsSerializer, 403: shapes.DetailSerializer,
                   404: shapes.DetailSerializer, 409: shapes.ConflictSerializer},
    )  # fmt: skip
    def post(self, request, number):
        """Changes a complaint by one action of the workflow's table."""
        complaint = access.find(request.user, number)
        name, data = actions.prepare(request.user, shapes.taken(shapes.ActionSerializer, request.data))
        changed = workflow.change(complaint, name, user=request.user, channel="api", **data)
        if access.sees(request.user, changed):
            return Response(present(request, changed))
        # Handed on to where this person no longer sees it: done, and nothing more to show.
        return Response({"number": number, "detail": _("Done. The complaint is out of your sight now.")})


class Files(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": {"type": "object", "required": ["file"],
                                         "properties": {"file": {"type": "string", "format": "binary"}}}},
        responses={201: shapes.AttachmentSerializer, 400: shapes.ErrorsSerializer, 404: shapes.DetailSerializer},
    )  # fmt: skip
    def post(self, request, number):
        """Uploads a file for an action on this complaint; give its `key` in the action's `files`."""
        access.find(request.user, number)
        upload = request.FILES.get("file")
        if upload is None:
            raise exceptions.ValidationError({"file": [_("Send a file.")]})
        try:
            attachment = files.store(upload, uploaded_by=request.user)
        except files.Refused as error:
            raise exceptions.ValidationError({"file": [str(error)]}) from None
        return Response(shapes.AttachmentSerializer(attachment).data, status.HTTP_201_CREATED)


def present(request, complaint: Complaint) -> dict:
    """A complaint as this reader may see it."""
    remember_to_show([complaint])
    is_staff = request.user.kind == User.Kind.STAFF
    complaint.reader = shapes.Reader(request.user, is_staff, get_language() or settings.LANGUAGE_CODE)
    return shapes.shown(shapes.ComplaintSerializer, complaint)
