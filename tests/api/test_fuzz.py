"""Whatever is sent to the API, the answer is one its schema promises, and never a failure of ours.

A fixed budget: so many generated calls an operation, the same in every run.
"""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from citizens.models import ApiToken
from config.wsgi import application

CALLS = 30
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
load_all_checks()


@pytest.fixture
def _connection_kept():
    """The test's transaction stays open while requests come and go."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def here(world, _connection_kept):
    """Codes and numbers that exist, and a token of somebody who sees the complaint."""
    real = {"number": world.in_progress().number, "category": "no-water", "area": world.panchayat.code,
            "citizen": {"phone": "9816012345"}, "phone": "9816012345", "fields": {}, "key": "1"}  # fmt: skip
    return real, ApiToken.objects.issue(world.cm_office.officer)


schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)


OPERATIONS = [result.ok() for result in schema.get_all_operations()]


# Not `schema.parametrize`: under pytest 9.2 all its tests bear one name, and several workers run one of a name.
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@settings(max_examples=CALLS, deadline=None, derandomize=True, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(data=st.data())
def test_every_call_is_answered_as_the_schema_says(here, operation, data):
    case = data.draw(operation.as_strategy())
    real, token = here
    for part in (case.path_parameters, case.body):
        for name in set(part if isinstance(part, dict) else ()) & set(real):
            if len(str(part[name])) % 2:  # else what was generated stays
                part[name] = real[name]
    response = case.call(headers={"Authorization": f"Token {token}", "Accept-Encoding": "identity"})
    case.validate_response(response, checks=CHECKS)
