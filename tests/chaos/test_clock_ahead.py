"""The demo's clock can be put ahead; a real installation's cannot."""

import os
import subprocess
import sys
import time

import pytest

from config import clock_ahead
from tests.portal import ROOT

DAY = 24 * 3600
READ = "import django; django.setup(); import time; print(time.time(), time.monotonic())"


def clocks_of_a_process(var, demo: str) -> tuple[float, float]:
    """What a process of an installation takes for the time, and its monotonic clock."""
    done = subprocess.run(
        [sys.executable, "-c", READ], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "SEVA_VAR": str(var), "SEVA_DEMO": demo},
    )  # fmt: skip
    return tuple(map(float, done.stdout.split()))


@pytest.mark.parametrize(("demo", "ahead"), [("1", DAY), ("0", 0)])
def test_only_the_demo_lives_ahead_and_only_by_the_wall_clock(tmp_path, demo, ahead):
    (tmp_path / clock_ahead.NAME).write_text(str(DAY))

    wall, monotonic = clocks_of_a_process(tmp_path, demo)

    assert wall - time.time() == pytest.approx(ahead, abs=60)
    assert monotonic - time.monotonic() == pytest.approx(0, abs=60)


def test_without_the_file_time_is_what_it_is(tmp_path):
    assert clocks_of_a_process(tmp_path, "1")[0] == pytest.approx(time.time(), abs=60)
