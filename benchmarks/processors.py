"""What the processes of a running portal take: memory, and processor time by kind, the database's sessions with them."""

import os
import re
from collections import Counter
from pathlib import Path

from .portal import Portal, psql


def memory(portal: Portal) -> dict[str, int]:
    """The largest process of each kind, in MB."""
    largest = Counter()
    for kind, folder in portal.processes():
        try:
            size = int(re.search(r"VmRSS:\s+(\d+)", (folder / "status").read_text()).group(1)) // 1024
        except (OSError, AttributeError):
            continue
        largest[kind] = max(largest[kind], size)
    return {"web_worker_mb": largest["web"], "celery_process_mb": max(largest["worker"], largest["messenger"])}


def spent(portal: Portal) -> Counter:
    """Seconds of a core that each kind of process has taken until now."""
    total = Counter(database=of_the_database(portal))
    for kind, folder in portal.processes():
        total[kind] += _seconds(folder)
    return total


def of_the_database(portal: Portal) -> float:
    """Seconds of a core that PostgreSQL's processes have taken until now, those that ended too."""
    pid = psql(portal.environment, "SELECT pg_read_file('postmaster.pid', 0, 20)").split()[0]
    server = Path("/proc") / pid
    children = (server / "task" / pid / "children").read_text().split()
    return _seconds(server, ended=True) + sum(_seconds(server.parent / child) for child in children)


def _seconds(process: Path, *, ended: bool = False) -> float:
    """What a process took, with `ended` what its children took that are no more."""
    try:
        fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if ended else 13])) / os.sysconf("SC_CLK_TCK")
