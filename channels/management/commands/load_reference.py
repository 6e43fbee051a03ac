"""Loads the reference data: departments, areas, categories, holidays, canned replies, message templates."""

from django.core.management.base import BaseCommand

from channels import message_templates
from departments import reference_data


class Command(BaseCommand):
    help = "Adds the reference data that was never loaded; with --overwrite also resets what was changed."

    def add_arguments(self, parser):
        parser.add_argument("--overwrite", action="store_true")

    def handle(self, *args, overwrite=False, **options):
        counts = reference_data.load(overwrite=overwrite)
        counts["message template"] = message_templates.load(overwrite=overwrite)
        self.stdout.write(", ".join(f"{count} × {name}" for name, count in counts.items()))
