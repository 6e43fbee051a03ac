"""Areas, departments, categories, posts and postings, calendar. Nothing here knows a complaint."""

from .area import Area, PinCode
from .calendar import CalendarVersion, DeadlinePolicy, Holiday
from .category import Category, CategoryGroup
from .department import CannedReply, Department, Reason
from .posting import Absence, Post, Posting, Role

__all__ = [
    "Absence",
    "Area",
    "CalendarVersion",
    "CannedReply",
    "Category",
    "CategoryGroup",
    "DeadlinePolicy",
    "Department",
    "Holiday",
    "PinCode",
    "Post",
    "Posting",
    "Reason",
    "Role",
]
