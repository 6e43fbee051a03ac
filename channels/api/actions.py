"""From what the API is sent to what the workflow takes."""

from django.utils import timezone
from django.utils.translation import gettext as _

from departments.models import Posting
from departments.standing import standing
from grievance import access, numbers
from grievance.errors import Invalid
from grievance.models import Attachment, Complaint


def prepare(user, data: dict) -> tuple[str, dict]:
    """The table's action and its data, with codes, numbers and keys turned into rows. Raises Invalid."""
    action = data.pop("action")
    if action == "verdict":
        if "satisfied" not in data:
            raise Invalid(satisfied=_("Say whether you are satisfied: true or false."))
        action = "satisfied" if data["satisfied"] else "not_satisfied"
    data.pop("satisfied", None)
    if "assignee" in data:
        data["assignee"] = _posting(data["assignee"])
    if "into" in data:
        data["into"] = _survivor(user, data["into"])
    if "files" in data:
        data["files"] = _files(user, data["files"])
    return action, data


def _posting(reference: str) -> Posting:
    """A posting by its number, or the one in force of a post by the post's code."""
    found = _of_post(reference, timezone.localdate())
    if not found and reference.isascii() and reference.isdigit() and len(reference) < 18:
        found = _in_force().filter(pk=int(reference))
    for posting in found:
        return posting
    raise Invalid(assignee=_("There is no such posting in force."))


def _in_force(on=None):
    return Posting.objects.current(on).select_related("post__area", "officer")


@standing
def _of_post(code, on):
    return _in_force(on).filter(post__code=code).order_by("id")


def _survivor(user, number: str) -> Complaint:
    try:
        return access.find(user, numbers.clean(number))
    except numbers.Mistyped:
        raise Invalid(into=_("This number is mistyped.")) from None
    except Complaint.DoesNotExist:
        raise Invalid(into=_("There is no such complaint.")) from None


def _files(user, keys: list) -> list[Attachment]:
    found = list(Attachment.objects.filter(key__in=keys, uploaded_by=user, complaint=None, draft=None))
    if len(found) != len(set(keys)):
        raise Invalid(files=_("One of the files is not there, or was used before."))
    return found
