"""What the API takes and gives."""

from dataclasses import dataclass
from functools import cache

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from citizens.phones import check_of_this_country
from departments import remembered
from departments.models import Area, Category, Department
from departments.standing import standing
from grievance import clock, routing, table
from grievance.access import allowed_actions
from grievance.models import Attachment, Complaint, Event, Kind
from grievance.numbers import grouped

LONGEST_CODE = 100


@dataclass(frozen=True)
class Reader:
    """For whom a complaint is put into words. Stands on the complaint, so that one serializer serves all."""

    user: object
    is_staff: bool
    language: str


@cache
def _shape(serializer: type[serializers.Serializer]) -> serializers.Serializer:
    """One serializer of a class for the whole process: building its fields anew cost a third of an answer."""
    return serializer()


def shown(serializer: type[serializers.Serializer], row) -> dict:
    """A row as the API gives it."""
    return _shape(serializer).to_representation(row)


def taken(serializer: type[serializers.Serializer], data) -> dict:
    """What the API was sent, checked. Raises ValidationError."""
    return dict(_shape(serializer).run_validation(data))


class PlainText(serializers.CharField):
    """Text without NUL characters, which the database cannot hold."""

    def to_internal_value(self, data):
        return super().to_internal_value(data).replace("\x00", "")


class PhoneField(PhoneNumberField):
    """A phone of this country. What a text is checked for beside, no phone can hold; each of these checks would have
    looked the number up in the plans of all countries again."""

    def __init__(self, **kwargs):
        super().__init__(region="IN", **kwargs)
        self.validators = [check_of_this_country]


class PhoneSerializer(serializers.Serializer):
    phone = PhoneField()


class CodeSerializer(PhoneSerializer):
    code = serializers.RegexField(r"^[0-9]{6}$")


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField()


class DetailSerializer(serializers.Serializer):
    detail = serializers.CharField()


class ErrorsSerializer(DetailSerializer):
    errors = serializers.DictField(required=False, help_text="messages by field, where a field is meant")


class ConflictSerializer(DetailSerializer):
    state = serializers.CharField()
    allowed = serializers.ListField(child=serializers.CharField())


class DepartmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Department
        fields = ["code", "name", "name_en", "name_hi", "short_en", "short_hi"]


class CategorySerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code")
    group = serializers.CharField(source="group.code", allow_null=True)

    class Meta:
        model = Category
        fields = ["code", "name", "name_en", "name_hi", "department", "group", "fields", "needs_proof", "emergency"]


class AreaSerializer(serializers.ModelSerializer):
    parent = serializers.CharField(source="parent.code", allow_null=True)
    within = serializers.CharField(source="parent.name", allow_null=True)

    class Meta:
        model = Area
        fields = ["code", "kind", "name", "name_en", "name_hi", "parent", "within", "latitude", "longitude"]


class CitizenSerializer(serializers.Serializer):
    """For whom staff and API clients register."""

    phone = PhoneField()
    name = PlainText(max_length=120, required=False, default="", allow_blank=True)
    language = serializers.ChoiceField(["hi", "en"], required=False, default="hi")


class CodeField(PlainText):
    """The code of a reference row, found by `find`; the value is the row."""

    default_error_messages = {"unknown": gettext_lazy("There is no such choice.")}

    def __init__(self, find, **kwargs):
        self.find = find
        super().__init__(**kwargs)

    def to_internal_value(self, data):
        code = super().to_internal_value(data)
        try:
            return self.find(code[:LONGEST_CODE])
        except ObjectDoesNotExist:
            self.fail("unknown")


class NewComplaintSerializer(serializers.Serializer):
    category = CodeField(remembered.category_by_code)
    area = CodeField(remembered.area_by_code)
    text = PlainText(max_length=4000)
    kind = serializers.ChoiceField(Kind.choices, required=False, default=Kind.COMPLAINT)
    fields = serializers.DictField(required=False, default=dict)
    place_note = PlainText(max_length=200, required=False, default="", allow_blank=True)
    citizen = CitizenSerializer(required=False)


@standing
def _events_until(complaint_id, seq):
    return Event.objects.filter(complaint=complaint_id, seq__lte=seq).order_by("seq")


class EventSerializer(serializers.ModelSerializer):
    sentence = serializers.SerializerMethodField()
    post = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = ["seq", "action", "sentence", "from_state", "to_state", "level", "at", "actor_role", "post", "channel",
                  "text", "internal", "hash"]  # fmt: skip

    def get_sentence(self, event) -> str:
        return str(table.sentence(event.action))

    def get_post(self, event) -> str | None:
        return remembered.posting(event.actor_posting_id).post.title if event.actor_posting_id else None


class ComplaintLineSerializer(serializers.ModelSerializer):
    """A complaint in a list."""

    number_grouped = serializers.SerializerMethodField()
    category = serializers.CharField(source="category.code")
    department = serializers.CharField(source="department.code")
    area = serializers.CharField(source="area.code")
    overdue = serializers.SerializerMethodField()

    class Meta:
        model = Complaint
        fields = ["number", "number_grouped", "kind", "state", "level", "category", "department", "area", "text",
                  "due_at", "overdue", "registered_at", "resolved_at", "closed_at", "outcome", "verdict",
                  "reopen_count"]  # fmt: skip

    def get_number_grouped(self, complaint) -> str:
        return grouped(complaint.number)

    def get_overdue(self, complaint) -> bool:
        return clock.is_overdue(complaint)


class ComplaintSerializer(ComplaintLineSerializer):
    """A complaint with its history, as far as the reader may see it."""

    fields = serializers.JSONField(help_text="answers to the category's questions")
    assignee = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()
    receipt = serializers.CharField(source="head_hash")
    events = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()
    rating = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(source="event_count")

    class Meta:
        model = Complaint
        fields = [*ComplaintLineSerializer.Meta.fields, "fields", "place_note", "assignee", "why", "receipt", "rating",
                  "version", "actions", "events"]  # fmt: skip

    @extend_schema_field({"type": "object", "nullable": True, "properties": {
        "posting": {"type": "integer"}, "post": {"type": "string"}, "title": {"type": "string"},
        "level": {"type": "integer", "nullable": True}}})  # fmt: skip
    def get_assignee(self, complaint):
        if complaint.assignee_id is None:
            return None
        post = complaint.assignee.post
        return {"posting": complaint.assignee_id, "post": post.code, "title": post.title, "level": post.level}

    def get_why(self, complaint) -> str:
        return routing.explain(complaint.why, complaint.reader.language)

    @extend_schema_field(EventSerializer(many=True))
    def get_events(self, complaint):
        events = complaint.whole_history
        if events is None:
            # Up to the row at hand, which may have moved on, or be shown as it once was.
            events = _events_until(complaint.pk, complaint.event_count)
        return [shown(EventSerializer, event) for event in events if complaint.reader.is_staff or not event.internal]

    def get_actions(self, complaint) -> list[str]:
        return allowed_actions(complaint.reader.user, complaint)


class AttachmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Attachment
        fields = ["key", "name", "content_type", "size"]


@extend_schema_field(OpenApiTypes.STR)
class ReferenceField(PlainText):
    """A code, or a posting's number."""

    def to_internal_value(self, data):
        return super().to_internal_value(str(data) if isinstance(data, int) and not isinstance(data, bool) else data)


class ActionSerializer(serializers.Serializer):
    """An action and what it needs; what an action does not take is an error."""

    action = serializers.ChoiceField(
        [*(name for name, rule in table.TABLE.items() if rule.who != ("system",)), "verdict"]
    )
    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    text = PlainText(required=False, max_length=4000)
    satisfied = serializers.BooleanField(required=False, help_text="for verdict")
    rating = serializers.IntegerField(required=False, min_value=1, max_value=5)
    assignee = ReferenceField(required=False, max_length=100, help_text="posting number, or code of the post")
    department = PlainText(required=False, max_length=60)
    category = PlainText(required=False, max_length=100)
    area = PlainText(required=False, max_length=40)
    reason = PlainText(required=False, max_length=40)
    into = PlainText(required=False, max_length=20, help_text="number of the surviving complaint, for merge")
    outcome = PlainText(required=False, max_length=20, help_text="for call: reached, not_reached, wrong_number")
    files = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=5, help_text="keys")
