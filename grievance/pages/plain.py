"""The first page and the pages that explain."""

from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request):
    """File, follow, call: nothing else."""
    return render(request, "home.html")


@require_safe
def privacy(request):
    """What happens with what citizens tell us."""
    return render(request, "plain/privacy.html")


@require_safe
def accessibility(request):
    """How far the portal can be used by all."""
    return render(request, "plain/accessibility.html")
