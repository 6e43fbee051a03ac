"""The complaint and what hangs on it. Only `grievance.workflow` changes a complaint."""

from .attachment import Attachment
from .call_back import CallBack
from .complaint import (
    BREACHED,
    OPEN_STATES,
    RUNNING_STATES,
    UNDISPOSED,
    Complaint,
    Kind,
    Outcome,
    State,
    remember_reference_rows,
    remember_to_show,
)
from .draft import Draft
from .escalation import Escalation
from .event import Event
from .export import Export
from .follower import Follower
from .log_head import LogHead
from .proposal import Proposal
from .reader import ReaderPosition
from .search_entry import SearchEntry, SearchWord
from .sweep import SweepRun

__all__ = [
    "BREACHED",
    "OPEN_STATES",
    "RUNNING_STATES",
    "UNDISPOSED",
    "Attachment",
    "CallBack",
    "Complaint",
    "Draft",
    "Escalation",
    "Event",
    "Export",
    "Follower",
    "Kind",
    "LogHead",
    "Outcome",
    "Proposal",
    "ReaderPosition",
    "SearchEntry",
    "SearchWord",
    "State",
    "SweepRun",
    "remember_reference_rows",
    "remember_to_show",
]
