"""Writes the last run into the documents: `script/bench --json docs/performance.json`, then `python -m benchmarks.written`.

docs/performance.md gets the table of figures, docs/scaling.md what a state needs by these costs.
"""

import json
from pathlib import Path

from . import budgets, scaling

DOCS = scaling.MEASURED.parent


def main() -> None:
    """Puts both tables between their marks."""
    put(DOCS / "performance.md", "measured", table(json.loads(scaling.MEASURED.read_text())))
    put(DOCS / "scaling.md", "needs", scaling.table())


def put(document: Path, mark: str, text: str) -> None:
    head, rest = document.read_text().split(f"<!-- {mark} -->\n")
    tail = rest.split(f"<!-- /{mark} -->")[1]
    document.write_text(f"{head}<!-- {mark} -->\n{text}\n<!-- /{mark} -->{tail}")


def table(found: dict) -> str:
    """The figures of a run as tables in Markdown: by size, then those of the whole run; past its budget is bold."""
    machine, by_size = found["machine"], found["sizes"]
    names = list(dict.fromkeys(name for figures in by_size.values() for name in figures))
    lines = [
        f"Measured on {machine['on']}: {machine['cores']} cores, {machine['memory_gb']} GB, Python {machine['python']}.",
        "",
        f"| by size | {' | '.join(by_size)} | budget |",
        "|---|" + "---:|" * (len(by_size) + 1),
    ]
    for name in names:
        late = [name in budgets.past(figures, size) for size, figures in by_size.items()]
        cells = [cell(figures.get(name), is_late) for figures, is_late in zip(by_size.values(), late, strict=True)]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} | {budget_of(name, by_size)} |")
    lines += ["", "| of the whole run | | budget |", "|---|---:|---:|"]
    past = budgets.past(found["whole"])
    lines += [
        f"| {name.replace('_', ' ')} | {cell(value, name in past)} | {budget_of(name, [''])} |"
        for name, value in found["whole"].items()
    ]
    return "\n".join(lines)


def cell(value, is_late: bool) -> str:
    shown = "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    return f"**{shown}**" if is_late else shown


def budget_of(figure: str, sizes) -> str:
    """The figure's budgets, each with the size it counts at."""
    found = [budget for budget in budgets.BUDGETS if budget.figure == figure and budget.size in sizes]
    return ", ".join(f"{budget.size} {budget}".strip() for budget in found)


if __name__ == "__main__":
    main()
