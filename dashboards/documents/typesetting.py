"""Has a document typeset in a process of its own.

So a web process stays as small as it was, a document that takes too long is stopped, and whatever the typesetter
meets, no more than this one document is lost.
"""

import json
import logging
import subprocess
import sys
from pathlib import Path

logger = logging.getLogger(__name__)

COMPILER = Path(__file__).resolve().parent / "compiler.py"
LONGEST_SECONDS = 20


class NotTypeset(Exception):
    """The document could not be made, or not in time."""


def typeset(template: str, inputs: dict[str, str]) -> bytes:
    """The PDF of a template beside this module, filled with these strings. Raises NotTypeset."""
    asked = json.dumps({"template": template, "inputs": inputs}).encode()
    # Isolated: no path and no variable of ours reaches it.
    command = [sys.executable, "-I", str(COMPILER)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command, input=asked, capture_output=True, timeout=LONGEST_SECONDS, check=True, env={"PATH": ""}
        )
    except (OSError, subprocess.SubprocessError) as error:
        # What the typesetter says may quote what stands on the board.
        logger.error("not_typeset", extra={"error": type(error).__name__})
        raise NotTypeset from None
    return done.stdout
