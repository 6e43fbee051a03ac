"""The administration's pages of areas, departments, categories, posts and calendars."""

from . import calendar, categories, departments, officers, places

__all__ = ["calendar", "categories", "departments", "officers", "places"]
