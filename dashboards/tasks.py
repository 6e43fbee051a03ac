"""Celery's door into the figures."""

from celery import shared_task

from . import folding


@shared_task(ignore_result=True)
def fold_figures():
    """Folds what is new, batch after batch."""
    while folding.fold():
        pass
