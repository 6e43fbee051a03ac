"""The pages of the import in the administration: send a file, see what it would do, confirm."""

import csv

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from departments.admin.base import UnfoldAdminFileFieldWidget
from departments.models import Posting

from . import kept_uploads, officer_import, officer_sheets

NEEDS = ("citizens.add_user", "citizens.change_user", "departments.add_post", "departments.add_posting",
         "departments.change_posting")  # fmt: skip
# A page shows so many rows of each kind; the counts are of all.
SHOWN = 200
SAMPLE = [
    {
        "username": "je.theog", "name": "Sunil Verma", "name_hi": "सुनील वर्मा", "phone": "+919800012345",
        "email": "je.theog@example.org", "post": "jal-shakti-je-theog", "starts_on": "2026-04-01",
        "post_title_en": "Junior Engineer", "post_title_hi": "कनिष्ठ अभियंता", "department": "jal-shakti",
        "area": "theog", "level": "1", "role": "officer",
    },
    {
        "username": "ae.shimla", "name": "Meena Kumari", "name_hi": "मीना कुमारी", "post": "jal-shakti-l2-shimla",
        "starts_on": "01/04/2026", "ends_on": "31/03/2027",
    },
]  # fmt: skip


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"),
        help_text=gettext_lazy("At most 5 MB and 20,000 rows. Save CSV as “CSV UTF-8”."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )

    def clean_file(self):
        if self.cleaned_data["file"].size > officer_sheets.MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return self.cleaned_data["file"]


def urls(site) -> list:
    """Addresses of the pages, below those of people."""

    def page(view):
        def allowed(request, **kwargs):
            if not request.user.has_perms(NEEDS):
                raise PermissionDenied
            return view(request, site, **kwargs)

        return site.admin_view(allowed)

    return [
        path("import/", page(upload), name="officer_import"),
        path("import/sample.csv", page(sample), name="officer_import_sample"),
        path("import/<str:key>/", page(preview), name="officer_import_preview"),
    ]


def upload(request, site):
    """Takes a file and leads to what it would do."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        try:
            officer_import.plan(content, request.user)
        except officer_sheets.UnreadableFileError as error:
            form.add_error("file", str(error))
        else:
            return redirect("admin:officer_import_preview", key=kept_uploads.keep(content, request.user.pk))
    context = {
        **site.each_context(request),
        "title": _("Import officers and postings"),
        "form": form,
        "columns": officer_sheets.COLUMNS,
        "post_columns": officer_sheets.POST_COLUMNS,
    }
    return TemplateResponse(request, "admin/officer_import/upload.html", context)


def preview(request, site, key: str):
    """Shows what the kept file would do now; sent back with the digest shown, does it."""
    content = kept_uploads.find(key, request.user.pk)
    if content is None:
        if request.session.get("officer_import_done") != key:
            raise Http404
        messages.info(request, _("This file was imported already. Nothing was done again."))
        return redirect("admin:officer_import")
    if request.method == "POST":
        done = _confirm(request, key, content)
        if done:
            return redirect("admin:officer_import")
    plan = officer_import.plan(content, request.user)
    groups = {outcome: [row for row in plan.rows if row.outcome == outcome] for outcome in plan.counts}
    context = {
        **site.each_context(request),
        "title": _("What the import would do"),
        "plan": plan,
        "counts": plan.counts,
        "shown": [(outcome, groups[outcome][:SHOWN], len(groups[outcome])) for outcome in ("error", "new", "changed")],
        "most_shown": SHOWN,
    }
    return TemplateResponse(request, "admin/officer_import/preview.html", context)


def _confirm(request, key: str, content: bytes) -> bool:
    """Whether this POST needs no other look at the preview."""
    if "give_up" in request.POST:
        kept_uploads.forget(key, request.user.pk)
        messages.info(request, _("Nothing was imported."))
        return True
    try:
        done = officer_import.carry_out(content, request.user, request.POST.get("digest", ""))
    except (officer_import.PlanChangedError, IntegrityError, OperationalError):
        text = _("Something was changed meanwhile, so nothing was imported. Please look at the preview again.")
        messages.error(request, text)
        return False
    kept_uploads.forget(key, request.user.pk)
    request.session["officer_import_done"] = key
    text = _("Imported: %(new)s rows new, %(changed)s changed, %(unchanged)s unchanged.") % done.counts
    LogEntry.objects.create(
        user=request.user, content_type=ContentType.objects.get_for_model(Posting), object_id=None,
        object_repr=_("Import officers and postings"), action_flag=CHANGE, change_message=text,
    )  # fmt: skip
    messages.success(request, text)
    return True


@require_safe
def sample(request, site):
    """A table to begin with."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="officers.csv"'
    table = csv.DictWriter(response, [*officer_sheets.COLUMNS, *officer_sheets.POST_COLUMNS])
    table.writeheader()
    table.writerows(SAMPLE)
    return response
