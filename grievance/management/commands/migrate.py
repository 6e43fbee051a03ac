"""Django's own, but a large state's tables get the time they need."""

from django.core.management.commands import migrate
from django.db import connections

from config.time_limits import queries_take_time


class Command(migrate.Command):
    def handle(self, *args, **options):
        with queries_take_time(connections[options["database"]]):
            super().handle(*args, **options)
