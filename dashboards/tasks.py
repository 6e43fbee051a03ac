"""Celery's door into the figures."""

from celery import shared_task

from grievance import doorbell

from . import folding

FOLD = "dashboards.tasks.fold_figures"


@shared_task(ignore_result=True)
def fold_figures():
    """Folds what is new, batch after batch."""
    doorbell.in_turns(FOLD, folding.fold)
