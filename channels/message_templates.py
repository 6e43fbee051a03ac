"""What is said when something happens: the templates, and filling them in."""

from functools import lru_cache

from django.template import Context, Engine, Template

from departments import reference_data

from .models import MessageTemplate

# Templates are an administrator's text: no tags that load or include anything, no autoescape (SMS is plain text).
ENGINE = Engine(libraries={}, builtins=[], autoescape=False)


def load(*, overwrite: bool = False) -> int:
    """Adds the reference templates that are missing and returns how many there are."""
    templates = [MessageTemplate(**row) for row in reference_data.rows("message_templates.csv")]
    unique = ["event", "audience", "channel", "language"]
    if overwrite:
        MessageTemplate.objects.bulk_create(
            templates, update_conflicts=True, unique_fields=unique, update_fields=["subject", "body"]
        )
    else:
        new = reference_data.never_loaded(MessageTemplate, templates, unique)
        MessageTemplate.objects.bulk_create(new, ignore_conflicts=True)
    return MessageTemplate.objects.count()


def fill(text: str, values: dict[str, str]) -> str:
    """The text with `{{ number }}` and the like replaced. Raises TemplateSyntaxError for a broken one."""
    return _compiled(text).render(Context(values, autoescape=False)).strip() if text else ""


@lru_cache(maxsize=500)
def _compiled(text: str) -> Template:
    return ENGINE.from_string(text)
