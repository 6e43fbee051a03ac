"""How forms are rendered."""

from django.forms.renderers import TemplatesSetting


class GovukRenderer(TemplatesSetting):
    """Forms in the markup of GOV.UK Frontend, from templates/forms/."""
