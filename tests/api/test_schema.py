"""The API's description: valid, complete, in step with the addresses, and shown without outside assets."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from tests.access.addresses import every_address

UNDESCRIBED = {"schema", "api_docs"}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def test_the_schema_is_valid_and_without_warnings(tmp_path):
    GENERATOR_STATS.reset()
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_every_address_of_the_api_is_described(schema):
    routes = {re.sub(r"<(\w+:)?(\w+)>", r"{\2}", route) for name, route in every_address().items()
              if name.startswith("api_") and name not in UNDESCRIBED}  # fmt: skip
    assert set(schema["paths"]) == routes


def test_every_operation_says_what_it_does_and_what_may_go_wrong(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), (method, path)
            assert any(code.startswith("2") for code in operation["responses"]), (method, path)


def test_every_list_says_how_it_is_paged(schema):
    lists = {path for path, operations in schema["paths"].items()
             if "List" in str(operations.get("get", {}).get("responses", {}).get("200"))}  # fmt: skip
    assert len(lists) == 4
    for path in lists:
        names = {parameter["name"] for parameter in schema["paths"][path]["get"]["parameters"]}
        assert {"cursor", "page_size"} <= names, path


def test_the_schema_is_served_to_anybody(client, db):
    answer = client.get("/api/schema/", {"format": "json"})
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")


def test_the_page_of_the_api_brings_nothing_from_outside(client, db):
    answer = client.get(reverse("api_docs"))
    page = answer.content.decode()
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page.replace(settings.BASE_URL, ""))
    script = re.search(r"script-src ([^;]*)", answer.headers["Content-Security-Policy"])[1]
    assert "unsafe" not in script
    assert "http" not in script
    assert not re.findall(r"<script(?![^>]*(?:src|nonce)=)", page)


@pytest.mark.parametrize("address", ["/api/v1/nothing/", "/api/v1/departments/?q=a%00b"])
def test_what_goes_wrong_outside_the_views_is_json_too(client, db, address):
    answer = client.get(address)
    assert answer.status_code in (400, 404)
    assert answer.json()["detail"]
