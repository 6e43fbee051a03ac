"""Puts overdue complaints in place: assigned at level 1, their time just run out. Written past the workflow's
functions (not its chain of events), because only what comes next is measured."""

import datetime
import random
import sys
import uuid

import django

BATCH = 2000


def main(wanted: int) -> None:
    """Makes `wanted` complaints that are overdue at level 1."""
    from django.db import connection, transaction
    from django.utils import timezone

    from citizens.models import User
    from departments import calendars
    from departments.models import Area, Category, Posting
    from grievance import log, numbers
    from grievance.access import Actor
    from grievance.models import Complaint, Event, State

    dice = random.Random(1077)
    categories = {}
    for category in Category.objects.filter(confidential=False, about_officer=False).select_related("department"):
        categories.setdefault(category.department_id, []).append(category)
    postings = list(
        Posting.objects.filter(post__level=1, post__line="", post__department__in=categories).select_related("post__area")
    )
    places = {}
    for area in Area.objects.filter(kind="panchayat"):
        for pk in area.path_ids():
            places.setdefault(pk, []).append(area)
    postings = [posting for posting in postings if posting.post.area_id in places]
    citizen = User.objects.citizen("+919600000000", name="Citizen")
    client = User.objects.get(username="partner-demo")
    now = timezone.now()
    for begin in range(0, wanted, BATCH):
        complaints, events = [], []
        for _number in range(min(BATCH, wanted - begin)):
            posting = dice.choice(postings)
            category = dice.choice(categories[posting.post.department_id])
            area = dice.choice(places[posting.post.area_id])
            complaint = Complaint(
                number=numbers.new_number(), category=category, department=category.department, area=area,
                district_id=area.path_ids()[2], text="It does not work here", citizen=citizen, channel="api",
                registered_by=client, idempotency_key=uuid.uuid4().hex, request_hash="", state=State.ASSIGNED,
                assignee=posting, registered_at=now, assigned_at=now, level_since=now, clock_minutes=2940,
                due_at=now - datetime.timedelta(seconds=dice.randrange(1, 3600)), calendar_version=calendars.in_force(),
            )  # fmt: skip
            complaints.append(complaint)
            events.append(log.next_event(complaint, "register", "", Actor(client, "client", None, "api"), at=now))
        with transaction.atomic(), connection.cursor() as cursor:
            # The complaints' numbers are known only once they are written: here they come before their events.
            cursor.execute("SET LOCAL session_replication_role = replica")
            Complaint.objects.bulk_create(complaints)
            for complaint, event in zip(complaints, events, strict=True):
                event.complaint = complaint
            Event.objects.bulk_create(events)
        sys.stdout.write(f"\r{begin + len(complaints)} of {wanted} overdue complaints in place")
        sys.stdout.flush()
    sys.stdout.write("\n")


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
