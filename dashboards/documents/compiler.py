"""Typesets one document: a JSON object on standard input, a PDF on standard output. Run as a program of its own by
`typesetting.py`; it knows nothing of the portal."""

import json
import sys
from pathlib import Path

import typst

HERE = Path(__file__).resolve().parent


def main() -> None:
    """`template` names the file beside this one, `inputs` are the strings it is given."""
    asked = json.load(sys.stdin)
    pdf = typst.compile(
        str(HERE / asked["template"]),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs=asked["inputs"],
        format=asked.get("format", "pdf"),
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
