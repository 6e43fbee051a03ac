"""Puts complaints in place before a measurement, through the real workflow."""

import random
import sys

import django


def main(wanted: int) -> None:
    """Registers and routes complaints until there are `wanted`."""
    from citizens.models import User
    from departments.models import Area, Category
    from grievance import workflow
    from grievance.access import Actor
    from grievance.models import Complaint

    there = Complaint.objects.count()
    if there >= wanted:
        return
    dice = random.Random(1100)
    areas = list(Area.objects.filter(kind="panchayat"))
    categories = list(
        Category.objects.filter(confidential=False, about_officer=False, fields=[]).select_related("department")
    )
    citizens = [User.objects.citizen(f"+9196{n:08d}", name=f"Citizen {n}") for n in range(500)]
    client = User.objects.get(username="partner-demo")
    for number in range(there, wanted):
        workflow.register(
            citizen=dice.choice(citizens), actor=Actor(client, "client", None, "api"), key=f"history-{number}",
            category=dice.choice(categories), area=dice.choice(areas), text=f"History {number}: it does not work here",
        )  # fmt: skip
        if number % 500 == 499:
            workflow.route_registered(limit=1000)
            sys.stdout.write(f"\r{number + 1} of {wanted} complaints in place")
            sys.stdout.flush()
    while workflow.route_registered():
        pass
    sys.stdout.write("\n")


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
