"""The audit: compares what people were told and what the gateway took with what the database holds.

Runs as a process of its own with the portal's environment: `python -m tests.chaos.audit FILE` reads what the run
remembered and prints its findings as JSON.
"""

import datetime
import json
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import django

# The messenger's death this soon after the gateway took a message can have lost that it was sent: the longest a
# gateway takes to answer, with room. No other death may: a database that comes back is waited for.
CRASH_SECONDS = 15


def main(path: Path) -> None:
    django.setup()
    run = json.loads(path.read_text())
    findings = {name: check(run) for name, check in CHECKS.items()}
    json.dump({name: {"count": count, "breaks": breaks[:20]} for name, (count, breaks) in findings.items()}, sys.stdout)


def acknowledged(run) -> tuple[int, list[str]]:
    """Every acknowledged complaint is there, as it was filed."""
    from grievance.models import Complaint

    there = dict(Complaint.objects.values_list("number", "text"))
    filed = [(key, wanted) for key, wanted in run["filed"].items() if wanted["numbers"]]
    breaks = [
        f"{number}: acknowledged, and {'not as it was filed' if number in there else 'lost'}"
        for key, wanted in filed
        for number in set(wanted["numbers"])
        if there.get(number) != f"Chaos {key}"
    ]
    breaks += [f"key {key}: refused {wanted['refused']}" for key, wanted in run["filed"].items() if wanted["refused"]]
    return len(filed), breaks


def one_a_key(run) -> tuple[int, list[str]]:
    """One complaint a key, and one number whoever asks again."""
    from grievance.models import Complaint

    texts = Counter(Complaint.objects.filter(text__startswith="Chaos ").values_list("text", flat=True))
    breaks = [f"{text}: {count} complaints" for text, count in texts.items() if count > 1]
    breaks += [f"key {key}: {set(w['numbers'])}" for key, w in run["filed"].items() if len(set(w["numbers"])) > 1]
    breaks += [f"{text}: of no key that was filed" for text in texts if text.removeprefix("Chaos ") not in run["filed"]]
    return sum(len(wanted["numbers"]) for wanted in run["filed"].values()), breaks


def acts(run) -> tuple[int, list[str]]:
    """Every acknowledged act is in the log, and none that nobody asked for."""
    from grievance.models import Event

    done, perhaps = Counter(), Counter()
    for number, action, is_acknowledged in run["acts"]:
        (done if is_acknowledged else perhaps)[number, action] += 1
    by_people = Event.objects.filter(channel="api").exclude(action="register")
    found = Counter(by_people.values_list("complaint__number", "action"))
    breaks = [f"{number}: {action} acknowledged {count} times, in the log {found[number, action]} times"
              for (number, action), count in done.items() if found[number, action] < count]  # fmt: skip
    breaks += [f"{number}: {action} in the log {count} times, asked for {done[number, action] + perhaps[number, action]}"
               for (number, action), count in found.items()
               if count > done[number, action] + perhaps[number, action]]  # fmt: skip
    return done.total(), breaks


def climbs(_run) -> tuple[int, list[str]]:
    """Each climb exactly once: a row of its own and one event, from the same level, at the same moment."""
    from grievance.models import Escalation, Event

    rows = Counter(Escalation.objects.values_list("complaint__number", "level", "at"))
    events = Counter()
    for event in Event.objects.filter(action__in=["escalate", "breach"]).select_related("complaint"):
        events[event.complaint.number, event.data.get("from_level", event.level), event.at] += 1
    breaks = [f"{key[0]}: climbed from level {key[1]}: {rows[key]} rows, {events[key]} events"
              for key in rows.keys() | events.keys() if (rows[key], events[key]) != (1, 1)]  # fmt: skip
    return len(rows), breaks


def log_holds(_run) -> tuple[int, list[str]]:
    """The hash chain of every complaint."""
    from grievance import log
    from grievance.models import Event

    return Event.objects.count(), [str(found) for found in log.verify()]


def figures_hold(_run) -> tuple[int, list[str]]:
    """Figures equal a recount."""
    from django.core.management import CommandError, call_command

    from dashboards.models import Tally

    try:
        call_command("check_figures", stdout=sys.stderr)
    except CommandError as error:
        return 0, [str(error)]
    return Tally.objects.count(), []


def messages(run) -> tuple[int, list[str]]:
    """Each event's message to its citizen was made once and taken by the gateway."""
    from channels.models import Delivery
    from channels.notices import CALLS_FOR
    from grievance.models import Event

    taken = Counter(key for key, _at, _answered in run["taken"])
    until = datetime.datetime.fromtimestamp(run["until"], datetime.UTC)
    made = defaultdict(list)
    for delivery in Delivery.objects.filter(audience="citizen", channel="sms", event__isnull=False):
        made[delivery.event_id].append(delivery)
    breaks, count = [], 0
    called_for = [action for action, (citizen, _officer) in CALLS_FOR.items() if citizen]
    for event in Event.objects.filter(action__in=called_for, at__lte=until).select_related("complaint"):
        its_own = [delivery for delivery in made[event.pk] if delivery.recipient_id == event.complaint.citizen_id]
        if event.data.get("passed_on") or any(own.sent_at and own.sent_at > until for own in its_own):
            continue
        count += 1
        if len(its_own) != 1:
            breaks.append(f"{event.complaint.number}, event {event.seq} ({event.action}): {len(its_own)} messages")
        elif its_own[0].state != Delivery.State.SENT or not taken[its_own[0].key]:
            breaks.append(f"{event.complaint.number}, event {event.seq} ({event.action}): {its_own[0].state}, "
                          f"taken {taken[its_own[0].key]} times")  # fmt: skip
    return count, breaks


def repeated_unanswered(run) -> tuple[int, list[str]]:
    """Sent again because the gateway took it and its answer was lost: at least once, with the same key."""
    return _repeats(run)[0], []


def repeated(run) -> tuple[int, list[str]]:
    """Sent again because the messenger died between the gateway's answer and its recording; for no reason: never."""
    _unanswered, crashed, breaks = _repeats(run)
    return crashed, breaks


def _repeats(run) -> tuple[int, int, list[str]]:
    from channels.models import Delivery

    takes = defaultdict(list)
    for key, at, answered in run["taken"]:
        takes[key].append((at, answered))
    crashes = [at for at, victim in run["kills"] if "messenger" in victim]
    numbers = dict(Delivery.objects.values_list("key", "event__complaint__number"))
    unanswered, crashed, breaks = 0, 0, []
    for key, times in takes.items():
        # One-time passwords have no key and are never sent again.
        for (at, answered), _again in pairwise(times if key else ()):
            if not answered:
                unanswered += 1
            elif any(-1 <= crash - at <= CRASH_SECONDS for crash in crashes):
                crashed += 1
            else:
                breaks.append(f"{numbers.get(key)}: message {key} was sent again for no reason")
    return unanswered, crashed, breaks


CHECKS = {
    "every acknowledged complaint is there": acknowledged,
    "one complaint a key": one_a_key,
    "every acknowledged act is in the log, once": acts,
    "each climb exactly once": climbs,
    "the log verifies": log_holds,
    "figures equal a recount": figures_hold,
    "every event's message was made once and taken": messages,
    "sent again where the gateway's answer was lost, counted apart": repeated_unanswered,
    "else sent again only where the messenger died before it was recorded": repeated,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
