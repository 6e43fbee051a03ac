"""Gives each worker of a test run its own PostgreSQL and Valkey. Loaded before the settings are read.

A reader of the event log waits for every open transaction of its server, in whichever database: on a shared
server the tests of one worker would hold up the readers of the other.
"""

import json
import os

servers = json.loads(os.environ.get("SEVA_TEST_SERVERS", "[]"))
number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
if servers:
    os.environ.update(servers[number])
