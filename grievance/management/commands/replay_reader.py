"""Puts a reader of the event log to a chosen point: one that was added later, or whose effects were lost."""

import datetime

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from config.time_limits import take_time
from grievance import readers
from grievance.models import Event

HELP = """
Puts the reader NAME to a point of the event log; it reads on from there. --from takes a business date
(YYYY-MM-DD, the first event of that day or after it), an event's id, "beginning" or "end" (skip all there is).

What leaves the machine is not repeated: a delivery bears the key of its event and recipient, and one that was
made is not made again. Messages that were never made for old events are made now and do go out: for a new kind
of message choose a point of today. A reader whose effects add up (figures) can only be replayed from the
beginning; what it added is emptied in the same transaction.
"""


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser):
        parser.add_argument("name", help="the reader")
        parser.add_argument("--from", dest="start", required=True, help="YYYY-MM-DD, event id, beginning or end")
        parser.add_argument("--yes", action="store_true", help="without asking")

    def handle(self, *args, name, start, yes=False, **options):
        try:
            reader = readers.named(name)
        except KeyError:
            known = ", ".join(reader.name for reader in readers.every())
            raise CommandError(f"There is no reader {name}. There are: {known}.") from None
        if reader.empty and start != "beginning":
            raise CommandError(f"The effects of {name} add up: it can only be replayed --from beginning.")
        with transaction.atomic():
            take_time()
            point = _point(start)
            count = readers.after(point).count()
        self.stdout.write(f"{name} will read {count} events from there on.")
        if not yes and input("Go on? Type yes: ").strip().lower() != "yes":
            raise CommandError("Nothing was changed.")
        readers.place(reader, point)
        self.stdout.write(self.style.SUCCESS(f"{name} reads on from there."))


def _point(start: str) -> tuple[int, int]:
    if start == "beginning":
        return readers.point_before(None)
    if start == "end":
        last = Event.objects.order_by("-xid", "-id").first()
        return (last.xid, last.pk) if last else readers.point_before(None)
    if start.isascii() and start.isdigit():
        event = Event.objects.filter(pk=int(start[:18])).first()
        if event is None:
            raise CommandError(f"There is no event {start}.")
        return readers.point_before(event)
    return readers.point_before(_first_since(start))


def _first_since(date: str) -> Event:
    try:
        day = parse_date(date)
    except ValueError:
        day = None
    if day is None:
        raise CommandError("--from takes a date YYYY-MM-DD, an event's id, beginning or end.")
    midnight = datetime.datetime.combine(day, datetime.time(), tzinfo=timezone.get_default_timezone())
    event = Event.objects.filter(at__gte=midnight).order_by("xid", "id").first()
    if event is None:
        raise CommandError(f"There is no event since {date}: to read only what is new, choose --from end.")
    return event
