"""A state whose messages have their words, and a gateway outside."""

import pytest

from channels import message_templates
from tests.factories import World
from tests.messages.gateway import Gateway


@pytest.fixture
def world(transactional_db):
    message_templates.load()
    return World()


@pytest.fixture
def gateway(settings):
    """SMS leave through a gateway of the world outside."""
    running = Gateway()
    settings.GATEWAYS = {**settings.GATEWAYS, "sms": "channels.gateways.http.HttpSmsGateway"}
    settings.SMS_GATEWAY_URL = running.url
    yield running
    running.close()
