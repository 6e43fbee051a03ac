"""Daily roll-ups, folded from the event log by a reader."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from departments.models import Area, Category, Department


class DailyCount(models.Model):
    """How often something happened on a business day, to the complaints of a department, district,
    category, level and channel. `figure` is a key of `dashboards.figures`; counts may go down again
    (a complaint disposed of is reopened), so a day's count can be negative."""

    day = models.DateField()
    figure = models.CharField(max_length=24)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    district = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=12)
    count = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("daily count")
        verbose_name_plural = _("daily counts")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "figure", "department", "district", "category", "level", "channel"],
                name="daily_count_once",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["figure", "department"]), models.Index(fields=["figure", "district"])]

    def __str__(self):
        return f"{self.day} {self.figure} {self.count}"
