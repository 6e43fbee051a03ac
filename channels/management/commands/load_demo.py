"""Makes the demo's people and writes var/demo.json. Refuses outside demo mode."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from grievance import demo


class Command(BaseCommand):
    help = "Adds demo officers, desks, citizens and an API client; only in demo mode (SEVA_DEMO=1)."

    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError("This is not a demo installation (SEVA_DEMO is not 1): no default accounts are made.")
        count = demo.load(settings.VAR_DIR, settings.BASE_URL)
        self.stdout.write(f"{count} accounts in {settings.VAR_DIR.name}/demo.json")
