"""The pages of posts and postings, as `departments.admin` has them; who steps down hands over at once."""

from django.contrib import admin
from django.utils.translation import ngettext

from departments.admin.officers import PostAdmin, PostingAdmin
from departments.models import Post, Posting

from . import doorbell, handover

admin.site.unregister([Post, Posting])


class HandsOver:
    """Rings when what was saved leaves complaints without their officer, and says how many go into other hands."""

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        tell_of_handover(self, request)


def tell_of_handover(page, request) -> None:
    """Has open complaints handed over after the commit and says how many they are. The sweep does so in any case."""
    count = handover.orphaned().count()
    if count:
        doorbell.ring_after_commit(doorbell.HAND_OVER)
        text = ngettext(
            "%(count)s open complaint goes into other hands now.",
            "%(count)s open complaints go into other hands now.",
            count,
        )
        page.message_user(request, text % {"count": count})


@admin.register(Post)
class PostPage(HandsOver, PostAdmin):
    pass


@admin.register(Posting)
class PostingPage(HandsOver, PostingAdmin):
    pass
