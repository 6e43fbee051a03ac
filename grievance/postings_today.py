"""Which postings a user holds and stands in for today: what access follows from. Read afresh by every request."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from departments import remembered
from departments.models import Absence, Posting
from departments.standing import standing


def postings_of(user) -> list[Posting]:
    """The user's postings in force today, read once a request."""
    if not user.is_authenticated or not user.is_active or user.kind != user.Kind.STAFF:
        return []
    if not hasattr(user, "_postings_now"):
        user._postings_now = _held_by(user.pk, timezone.localdate())
        for posting in user._postings_now:
            post = posting.post
            post.area = remembered.area(post.area_id)
            post.department = post.department_id and remembered.department(post.department_id)
    return user._postings_now


@standing
def _held_by(user_id, today):
    """The postings of a user, each with whether anybody's stand-in is among them."""
    away = Absence.objects.on(today).filter(stand_in=OuterRef("pk"))
    held = Posting.objects.current(today).filter(officer=user_id).select_related("post")
    return held.annotate(stands_in=Exists(away)).order_by("post__level", "id")


def stands_in_for(user) -> dict[int, Posting]:
    """The postings a user stands in for today, each with the user's own posting that does; read once a request.

    Where a stand-in is on leave too, their stand-in acts for both.
    """
    if not hasattr(user, "_stands_in_for"):
        today, found = timezone.localdate(), {}
        own = {posting.pk: posting for posting in postings_of(user)}
        here = {pk: posting for pk, posting in own.items() if posting.stands_in}
        while here:
            away = Absence.objects.on(today).filter(stand_in__in=here)
            pairs = away.values_list("posting_id", "stand_in_id")
            here = {away: here[by] for away, by in pairs if away not in found and away not in own}
            found |= here
        user._stands_in_for = found
    return user._stands_in_for
