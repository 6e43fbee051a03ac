"""The roll-ups: sums over complaints, folded from the event log by a reader (`dashboards.folding`).

Dimensions that a cube does not know are 0 or empty, and no foreign key: the rows are sums, and the keys' checks
would cost more than the sums themselves.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

KEY = ("cube", "grain", "day", "department", "district", "category", "area", "posting", "level", "channel", "kind",
       "confidential")  # fmt: skip


class Sums(models.Model):
    """The key of a roll-up's row: cube, grain (`dashboards.cubes`), first day, and the dimensions. `confidential` is
    part of every cube, so that what only counts in the state's total can be left out."""

    cube = models.PositiveSmallIntegerField()
    grain = models.CharField(max_length=1)
    day = models.DateField()
    department = models.IntegerField(default=0)
    district = models.IntegerField(default=0)
    category = models.IntegerField(default=0)
    area = models.IntegerField(default=0)
    posting = models.IntegerField(default=0)
    level = models.PositiveSmallIntegerField(default=0)
    channel = models.CharField(max_length=12, default="")
    kind = models.CharField(max_length=10, default="")
    confidential = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Tally(Sums):
    """How many complaints came to stand so on these days, less those that left; and how often something happened.
    A column for each count and happening of `dashboards.figures`."""

    pk = models.CompositePrimaryKey(*KEY)
    registered = models.IntegerField(db_default=0)
    disposed = models.IntegerField(db_default=0)
    satisfied = models.IntegerField(db_default=0)
    rejected = models.IntegerField(db_default=0)
    no_reply = models.IntegerField(db_default=0)
    special_close = models.IntegerField(db_default=0)
    withdrawn = models.IntegerField(db_default=0)
    breached = models.IntegerField(db_default=0)
    asked = models.IntegerField(db_default=0)
    late = models.IntegerField(db_default=0)
    answered = models.IntegerField(db_default=0)
    praised = models.IntegerField(db_default=0)
    reopened = models.IntegerField(db_default=0)
    transferred = models.IntegerField(db_default=0)
    escalated = models.IntegerField(db_default=0)
    ran_out = models.IntegerField(db_default=0)
    called = models.IntegerField(db_default=0)
    lapsed = models.IntegerField(db_default=0)
    days = ArrayField(
        models.IntegerField(), null=True, help_text="The days of a packed cube's month: dashboards.packed."
    )

    class Meta:
        verbose_name = _("roll-up")
        verbose_name_plural = _("roll-ups")
        indexes = [
            models.Index(fields=["cube", "grain", "department", "day"], name="tally_department"),
            models.Index(fields=["cube", "grain", "category", "day"], name="tally_category", condition=~Q(category=0)),
            models.Index(fields=["area", "grain", "day"], name="tally_area", condition=~Q(area=0)),
            models.Index(fields=["posting", "grain", "day"], name="tally_posting", condition=~Q(posting=0)),
            models.Index(
                fields=["cube", "department", "day"], name="tally_open_since",
                condition=Q(grain="c") & ~Q(registered=F("disposed")),
            ),
        ]

    def __str__(self):
        return f"{self.cube}{self.grain} {self.day}"


class Duration(Sums):
    """How many took so long: histograms of the time from registration, packed (`dashboards.packed`). Entries say their
    day where the month's row is all there is of its days."""

    pk = models.CompositePrimaryKey(*KEY)
    days = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = _("duration")
        verbose_name_plural = _("durations")
        indexes = [
            models.Index(fields=["cube", "grain", "department", "day"], name="duration_department"),
            models.Index(
                fields=["cube", "grain", "category", "day"], name="duration_category", condition=~Q(category=0)
            ),
            models.Index(fields=["posting", "grain", "day"], name="duration_posting", condition=~Q(posting=0)),
        ]

    def __str__(self):
        return f"{self.cube}{self.grain} {self.day}"


class SavedView(models.Model):
    """A board with its filters that a user keeps under a name. Whether they may still see it, the board decides."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    board = models.CharField(max_length=200, help_text="The board's path.")
    query = models.CharField(max_length=1000, blank=True)
    kept_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_once")]

    def __str__(self):
        return self.name

    @property
    def address(self) -> str:
        """Where it leads."""
        return f"{self.board}?{self.query}" if self.query else self.board


class Release(models.Model):
    """What is published of a month that is over, of the state or of all parts of a kind (`dashboards.releases`).

    `monthly` is {part: {figure: count, or null where it is withheld}}, `daily` {part: {day: {figure: count}}} of
    those parts whose days are published. `basis` is what the month came to when it was made.
    """

    dimension = models.CharField(max_length=10)
    month = models.DateField()
    basis = models.JSONField()
    monthly = models.JSONField()
    daily = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("published month")
        verbose_name_plural = _("published months")
        constraints = [models.UniqueConstraint(fields=["dimension", "month"], name="release_once")]

    def __str__(self):
        return f"{self.dimension} {self.month:%Y-%m}"
