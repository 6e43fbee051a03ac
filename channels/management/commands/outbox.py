"""Prints what the demo's gateway kept, newest last; one-time passwords included."""

import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from channels.models import KeptMessage


class Command(BaseCommand):
    help = "Prints the messages of the demo, newest last."

    def add_arguments(self, parser):
        parser.add_argument("--to", help="only to this phone number or e-mail address")
        parser.add_argument("--last", type=int, default=100, help="how many at most (100)")
        parser.add_argument("--json", action="store_true", help="one JSON list")

    def handle(self, *args, to=None, last=100, **options):
        if not settings.DEMO:
            raise CommandError("Only the demo keeps its messages.")
        kept = KeptMessage.objects.order_by("-id")
        if to:
            kept = kept.filter(address__in={to, f"+91{to}", f"+{to.lstrip('+')}"})
        messages = [
            {"at": m.at.isoformat(), "channel": m.channel, "to": m.address, "subject": m.subject, "body": m.body}
            for m in reversed(kept[:last])
        ]
        if options["json"]:
            self.stdout.write(json.dumps(messages, ensure_ascii=False, indent=1))
            return
        for message in messages:
            self.stdout.write(f"{message['at']}  {message['channel']} → {message['to']}  {message['subject']}")
            self.stdout.write(f"    {message['body']}")
