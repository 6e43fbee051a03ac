"""The state's holidays and the deadlines of categories and levels."""

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..bilingual import Bilingual
from .area import Area
from .category import Category
from .department import Department


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


@pghistory.track()
class DeadlinePolicy(models.Model):
    """Working days (or hours, for emergencies) at a level: for a category, else a department, else the state."""

    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, verbose_name=_("category"))
    department = models.ForeignKey(Department, models.CASCADE, null=True, blank=True, verbose_name=_("department"))
    level = models.PositiveSmallIntegerField(_("level"), validators=[MinValueValidator(1), MaxValueValidator(4)])
    minutes = models.PositiveIntegerField(
        _("working minutes"),
        validators=[MinValueValidator(1)],
        help_text=_("One working day is 420 minutes (10:00–17:00); an emergency's minutes run round the clock."),
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
