"""Django's widgets with GOV.UK Frontend's classes."""

from django import template
from django.forms import widgets

register = template.Library()

CLASSES = (
    (widgets.Textarea, "govuk-textarea"),
    (widgets.Select, "govuk-select"),
    (widgets.FileInput, "govuk-file-upload"),
    (widgets.Input, "govuk-input"),
)


@register.filter
def govuk_widget(field) -> str:
    """The field's input with the classes it needs."""
    widget = field.field.widget
    name = next((name for kind, name in CLASSES if isinstance(widget, kind)), "")
    classes = [name, widget.attrs.get("class", "")]
    if field.errors and name:
        classes.append(f"{name}--error")
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.filter
def error_line(field, error) -> str:
    """A line of the summary: which question, and what is wrong. A question ends in its own sign."""
    label = str(field.label)
    return f"{label} {error}" if label.endswith("?") else f"{label}: {error}"


@register.filter
def error_target(field) -> str:
    """The id an error in the summary links to: the first choice of a group, else the input."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label or field.auto_id
