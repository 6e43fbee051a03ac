"""What events change in the figures, in SQL made from `dashboards.figures`: folding, rebuilding and the not yet
folded tail that pages add all say it in these words.

Each event keeps how its complaint stood before and after (`data.moved`, see `grievance.workflow`). Where a
complaint stands after an event counts +1, where it stood before −1; what happened is counted where it
stood before.
"""

from django.conf import settings

from grievance.models import Event

from .figures import COUNTS, DISPOSED, HAPPENINGS
from .histograms import BUCKET_SQL

# Business days, wherever the database server stands.
ZONE = settings.TIME_ZONE
BUSINESS_DAY = f"(event.at AT TIME ZONE '{ZONE}')::date"

_IN_DISPOSED = "(" + ", ".join(f"'{state.value}'" for state in DISPOSED) + ")"
# What never changes of the event's complaint. OFFSET keeps it a lookup for each event: to count one month, the planner
# would rather read all complaints there are.
_COMPLAINT = "SELECT kind, confidential, registered_at FROM grievance_complaint WHERE id = event.complaint_id OFFSET 0"

_SIDE = """
    SELECT (standing ->> 0)::integer AS department, coalesce((standing ->> 1)::integer, 0) AS district,
           (standing ->> 2)::integer AS category, (standing ->> 3)::smallint AS level, standing ->> 4 AS channel,
           standing ->> 5 AS state, standing ->> 6 AS outcome, coalesce((standing ->> 7)::integer, 0) AS area,
           coalesce((standing ->> 8)::integer, 0) AS posting, coalesce((standing ->> 9)::boolean, false) AS breached
"""


def counted(events: str) -> str:
    """A query over `events` (a query of grievance_event's rows) with day, dimensions, confidential and a column
    for each count and happening."""
    standing = [f"sign * ({figure.sql()})::integer AS {figure.name}" for figure in COUNTS]
    happened = [f"(sign = -1 AND {figure.sql()})::integer AS {figure.name}" for figure in HAPPENINGS]
    return f"""
        SELECT {BUSINESS_DAY} AS day, department, district, category, area, posting, side.level, side.channel,
               complaint.kind, complaint.confidential, complaint.registered_at, {", ".join(standing + happened)}
        FROM ({events}) AS event
        CROSS JOIN LATERAL ({_COMPLAINT}) AS complaint
        CROSS JOIN LATERAL (
            VALUES (-1, event.data -> 'moved' -> 0), (1, event.data -> 'moved' -> 1)
        ) AS sides(sign, standing)
        CROSS JOIN LATERAL ({_SIDE}) AS side
        WHERE jsonb_typeof(standing) = 'array'
    """


def ends_a_wait(event: Event) -> bool:
    """Whether `lasted` may have a row of the event; of all others it has none."""
    return event.action == "escalate" or event.to_state in DISPOSED


def lasted(events: str) -> str:
    """A query over `events` with day, dimensions, confidential, measure and bucket: one row for each time that a
    complaint was disposed of or climbed, from its registration."""
    seconds = "extract(epoch FROM event.at - complaint.registered_at)::double precision"
    return f"""
        SELECT {BUSINESS_DAY} AS day, department, district, category, area, posting, side.level, side.channel,
               complaint.kind, complaint.confidential, measure, {BUCKET_SQL.format(seconds=seconds)} AS bucket
        FROM ({events}) AS event
        CROSS JOIN LATERAL ({_COMPLAINT}) AS complaint
        CROSS JOIN LATERAL (SELECT event.data -> 'moved' -> 0 AS standing) AS before
        CROSS JOIN LATERAL ({_SIDE}) AS side
        CROSS JOIN LATERAL (SELECT CASE
            WHEN event.action = 'escalate' THEN 'level' || (event.data -> 'moved' -> 1 ->> 3)
            WHEN state NOT IN {_IN_DISPOSED} AND event.to_state IN {_IN_DISPOSED} THEN 'disposed'
        END AS measure) AS what
        WHERE jsonb_typeof(standing) = 'array' AND measure IS NOT NULL
    """
