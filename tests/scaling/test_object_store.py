"""Files in an object store: kept there alone, and handed out by the portal to whom access allows."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as portal

from grievance import files
from tests.filing.conftest import jpeg, upload
from tests.portal import ROOT
from tests.scaling.object_store import object_store

ASKED = "from django.conf import settings; import json; print(json.dumps(settings.STORAGES['default'], default=str))"


@pytest.fixture
def store(settings):
    """The portal with its files there, as FILES_BUCKET makes it."""
    with object_store() as running:
        keys = {"FILES_BUCKET": "complaints", "FILES_ENDPOINT": running.endpoint, "FILES_REGION": "in-north",
                "FILES_KEY": "key", "FILES_SECRET": "secret"}  # fmt: skip
        made = subprocess.run(
            [sys.executable, "-c", ASKED], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, **keys, "DJANGO_SETTINGS_MODULE": "config.settings"},
        ).stdout
        from botocore.config import Config

        there = json.loads(made)
        there["OPTIONS"]["client_config"] = Config(
            signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 1},
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
        )  # fmt: skip
        settings.STORAGES = {**portal.STORAGES, "default": there}
        yield running


def test_a_photo_lies_in_the_bucket_alone_and_only_those_who_may_see_it_do(store, client, world):
    complaint = world.register(files=[files.store(upload(jpeg()))])
    [attachment] = complaint.attachments.all()
    [(path, kept)] = store.objects.items()
    assert path.startswith("/complaints/")
    assert kept.startswith(b"\xff\xd8")

    address = f"/files/{attachment.key}/"
    assert client.get(address).status_code == 404
    client.force_login(world.citizen)
    assert b"".join(client.get(address).streaming_content) == kept
    assert client.get(address, {"size": "small"}).content.startswith(b"\xff\xd8")


def test_nobody_reads_the_bucket_past_the_portal(store, world):
    import urllib.error
    import urllib.request

    world.register(files=[files.store(upload(jpeg()))])
    [path] = store.objects
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(store.endpoint + path)
