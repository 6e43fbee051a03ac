"""How forms are rendered."""

from django.forms.renderers import TemplatesSetting


class GovukRenderer(TemplatesSetting):
    """Forms in the markup of GOV.UK Frontend, from templates/forms/. Widgets stay Django's own."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
