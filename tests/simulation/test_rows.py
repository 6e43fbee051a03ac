"""COPY writes what it was given, whatever signs stand in it."""

import uuid

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grievance.models import Draft, Proposal
from simulation.history import rows
from simulation.history.writing import without_triggers

pytestmark = pytest.mark.django_db
SIGNS = st.text(st.sampled_from('\\\t\n\r\b,"N.a ऊ'), max_size=8)
often = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(model, **values):
    without_triggers()
    model.objects.all().delete()
    sheet = rows.Sheet(model, list(values))
    sheet.add_values(tuple(values.values()))
    with connection.cursor() as cursor:
        assert sheet.write(cursor) == 1
    return model.objects.get()


@often
@given(reason=SIGNS, text=SIGNS)
def test_signs_that_copy_uses_itself_come_through_as_they_are(reason, text):
    found = written(Proposal, complaint_id=1, kind="reject", reason=reason, text=text, proposed_by_id=1,
                    proposed_at=timezone.now(), decision="", decided_by_id=None, decided_at=None)  # fmt: skip

    assert (found.reason, found.text, found.decided_at) == (reason, text, None)


@often
@given(answers=st.recursive(SIGNS | st.none(), lambda inner: st.lists(inner) | st.dictionaries(SIGNS, inner)))
def test_json_comes_through_whatever_stands_in_it(answers):
    now = timezone.now()

    found = written(Draft, key=uuid.uuid4(), answers=[answers], complaint_id=None, created_at=now, changed_at=now)

    assert found.answers == [answers]
