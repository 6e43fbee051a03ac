"""The state's holidays, the calendars made of them, and the deadlines of categories and levels."""

import datetime
import hashlib
import json
from collections.abc import Iterable

import pghistory
import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..bilingual import Bilingual
from ..working_days import Calendar, is_closed_too_long, minutes_between
from .area import Area
from .category import Category
from .department import Department

LONGEST_DEADLINE_MINUTES = 365 * 24 * 60


@pghistory.track()
class Holiday(Bilingual):
    """A day the offices are closed: the gazetted list of the state, or a local holiday of a district."""

    class Kind(models.TextChoices):
        GAZETTED = "gazetted", _("Gazetted")
        RESTRICTED = "restricted", _("Restricted: offices are open")
        LOCAL = "local", _("Local holiday of a district")

    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.GAZETTED)
    district = models.ForeignKey(Area, models.CASCADE, null=True, blank=True, verbose_name=_("district"))

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["date", "id"]
        constraints = [
            models.UniqueConstraint(fields=["date", "name_en", "district"], name="holiday_once", nulls_distinct=False)
        ]

    def clean(self):
        if (self.kind == self.Kind.LOCAL) != bool(self.district_id):
            raise ValidationError(_("A local holiday names its district, and only a local one does."))
        self._leave_the_past_alone()
        self._leave_days_to_work()

    def _leave_days_to_work(self):
        if self.date is None:
            return
        others = [*Holiday.objects.exclude(pk=self.pk), self]
        trial = CalendarVersion(
            opens=settings.OFFICE_OPENS, closes=settings.OFFICE_CLOSES, closed_saturdays=settings.CLOSED_SATURDAYS,
            closed_days=closed_days(others),
        )  # fmt: skip
        trial.check_workable(timezone.localdate())

    def _leave_the_past_alone(self):
        """Deadlines of those days have been counted; a holiday made afterwards would change what happened."""
        today = timezone.localdate()
        before = Holiday.objects.filter(pk=self.pk).values_list("date", flat=True).first() if self.pk else None
        if self.date is None or self.date == before:
            return
        if self.date < today:
            raise ValidationError(
                {"date": _("This day has passed and its deadlines are counted, so it cannot become a holiday now.")}
            )
        if before and before < today:
            raise ValidationError({"date": _("This holiday has passed. Its date can no longer be changed.")})


def closed_days(holidays: Iterable[Holiday]) -> dict:
    """The days offices are closed, as a calendar's version keeps them: the state's, and each district's own."""
    found: dict[str | None, set] = {}
    for holiday in holidays:
        if holiday.kind != Holiday.Kind.RESTRICTED:
            found.setdefault(str(holiday.district_id) if holiday.district_id else None, set()).add(holiday.date)
    listed = {district: [day.isoformat() for day in sorted(days)] for district, days in found.items()}
    return {"state": listed.pop(None, []), "districts": listed}


class CalendarVersion(models.Model):
    """One state of the calendar, in force from a moment until the next one is. It never changes: due dates refer to
    the version they were computed from. `closed_days` holds the state's days and each district's own."""

    opens = models.TimeField(_("offices open"))
    closes = models.TimeField(_("offices close"))
    closed_saturdays = models.JSONField(_("closed Saturdays of a month"), default=list)
    closed_days = models.JSONField(_("closed days"), default=dict)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    in_force_from = models.DateTimeField(_("in force from"))

    class Meta:
        verbose_name = _("calendar version")
        verbose_name_plural = _("calendar versions")
        ordering = ["-id"]
        triggers = [pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"№ {self.pk}"

    @property
    def digest(self) -> str:
        """The same for the same office hours and closed days."""
        content = [self.opens.isoformat(), self.closes.isoformat(), self.closed_saturdays, self.closed_days]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def day_minutes(self) -> int:
        """How many working minutes an office day has."""
        return minutes_between(self.opens, self.closes)

    def own_closed(self, district: str | None) -> frozenset[datetime.date]:
        """A district's own closed days, or (None) the state's."""
        days = self.closed_days["state"] if district is None else self.closed_days["districts"].get(district, ())
        return frozenset(map(datetime.date.fromisoformat, days))

    def calendar(self, district_id: int | None, *, round_the_clock: bool = False) -> Calendar:
        """What counts in one district."""
        closed = self.own_closed(None) | (self.own_closed(str(district_id)) if district_id else frozenset())
        return Calendar(self.opens, self.closes, frozenset(self.closed_saturdays), closed, round_the_clock)

    def check_workable(self, start: datetime.date) -> None:
        """Raises ValidationError where, from `start` on, offices stay closed too long for any deadline."""
        for district in (None, *map(int, self.closed_days["districts"])):
            if is_closed_too_long(self.calendar(district), start):
                raise ValidationError(
                    _("With this, no office would open for more than a year, and no deadline could be counted.")
                )


@pghistory.track()
class DeadlinePolicy(models.Model):
    """Working days (or hours, for emergencies) at a level: for a category, else a department, else the state."""

    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, verbose_name=_("category"))
    department = models.ForeignKey(Department, models.CASCADE, null=True, blank=True, verbose_name=_("department"))
    level = models.PositiveSmallIntegerField(_("level"), validators=[MinValueValidator(1), MaxValueValidator(4)])
    minutes = models.PositiveIntegerField(
        _("working minutes"),
        validators=[
            MinValueValidator(1, _("A deadline is at least one minute.")),
            MaxValueValidator(LONGEST_DEADLINE_MINUTES, _("A deadline is at most a year, 525600 minutes.")),
        ],
        help_text=_(
            "A working day of seven office hours has 420 minutes; an emergency's minutes run round the clock. A change"
            " counts for complaints that reach this level from now on."
        ),
    )

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        ordering = ["level", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "department", "level"], name="deadline_policy_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="deadline_policy_of_one_kind",
                condition=models.Q(category__isnull=True) | models.Q(department__isnull=True),
                violation_error_message=_("Choose a category or a department, not both."),
            ),
            models.CheckConstraint(name="deadline_policy_positive", condition=models.Q(minutes__gt=0)),
        ]

    def __str__(self):
        return f"{self.category or self.department or _('State')} L{self.level}"
