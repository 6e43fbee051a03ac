"""The half-filled complaint of a browser. Its id is kept in the session, its answers in the database."""

from departments.models import Area, Category, Post

from .models import Draft

SESSION_KEY = "draft"


def current(request) -> Draft | None:
    """The browser's draft, or None."""
    key = request.session.get(SESSION_KEY)
    return Draft.objects.filter(key=key).select_related("complaint").first() if key else None


def begin(request) -> Draft:
    """A fresh draft; an unfinished one goes on, a finished one is left behind."""
    draft = current(request)
    if draft is None or draft.complaint_id:
        draft = Draft.objects.create()
        request.session[SESSION_KEY] = str(draft.key)
    return draft


def remember(draft: Draft, **answers) -> None:
    """Adds answers to the draft."""
    draft.answers |= answers
    draft.save(update_fields=["answers", "changed_at"])


def category_of(draft: Draft) -> Category | None:
    code = draft.answers.get("category")
    return Category.objects.filter(code=code, is_active=True).select_related("department").first() if code else None


def area_of(draft: Draft) -> Area | None:
    code = draft.answers.get("area")
    around = "parent__parent__parent"
    return Area.objects.filter(code=code, is_active=True).select_related(around).first() if code else None


def about_post_of(draft: Draft) -> Post | None:
    code = draft.answers.get("about_post")
    return Post.objects.filter(code=code, is_active=True).select_related("area").first() if code else None
