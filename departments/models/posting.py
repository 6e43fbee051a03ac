"""Posts, the officers who hold them from date to date, and their absences."""

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..bilingual import in_language
from .area import Area
from .department import Department


class Role(models.TextChoices):
    """What a post is for. The right of each role is decided in `grievance.access` alone."""

    OFFICER = "officer", _("Officer (L1–L4)")
    NODAL = "nodal", _("Nodal officer of a department")
    DISTRICT = "district", _("Deputy Commissioner")
    CM_OFFICE = "cm_office", _("Chief Minister's office")
    TRIAGE = "triage", _("Triage")
    AGENT = "agent", _("Call agent")


@pghistory.track()
class Post(models.Model):
    """A seat: a title at a level for a department over an area. It stays while officers come and go."""

    code = models.SlugField(_("code"), max_length=100, unique=True)
    title_en = models.CharField(_("title in English"), max_length=160)
    title_hi = models.CharField(_("title in Hindi"), max_length=160, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.OFFICER)
    level = models.PositiveSmallIntegerField(
        _("level"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("department")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="posts", verbose_name=_("area"))
    line = models.CharField(_("partner line"), max_length=12, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["department", "level", "id"]
        indexes = [models.Index(fields=["department", "level", "area"])]
        constraints = [
            models.CheckConstraint(
                name="officer_post_has_level_and_department",
                condition=~Q(role=Role.OFFICER) | Q(level__isnull=False, department__isnull=False),
            )
        ]

    def __str__(self):
        return self.title

    @property
    def title(self) -> str:
        """Title and place in the reader's language, as citizens see who has their complaint."""
        return self.title_in(None)

    def title_in(self, language: str | None) -> str:
        """Title and place in the given language."""
        title = in_language(self.title_en, self.title_hi, language)
        return f"{title}, {in_language(self.area.name_en, self.area.name_hi, language)}"

    def clean(self):
        if self.role == Role.OFFICER and not (self.level and self.department_id):
            raise ValidationError(_("An officer's post needs a level and a department."))
        if self.role == Role.NODAL and not self.department_id:
            raise ValidationError(_("A nodal officer's post needs a department."))


class PostingQuerySet(models.QuerySet):
    def current(self, on=None):
        """Postings in force on a date (today in the state's zone)."""
        on = on or timezone.localdate()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on, post__is_active=True)

    def staffed(self, on=None):
        """Postings in force whose officer can work: only these may own a complaint."""
        return self.current(on).filter(officer__is_active=True)


@pghistory.track()
class Posting(models.Model):
    """An officer holds a post from a date until a date (both included; without an end: until further notice)."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="postings", verbose_name=_("post"))
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="postings", verbose_name=_("officer")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="posting_ends_after_it_begins",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A posting cannot end before it begins."),
            ),
            models.UniqueConstraint(
                fields=["post", "officer", "starts_on"],
                name="posting_once",
                violation_error_message=_("This officer already has this posting."),
            ),
        ]

    def __str__(self):
        return f"{self.post} — {self.officer}"

    def clean(self):
        if self.officer_id and not (self.officer.kind == "staff" and self.officer.is_active):
            raise ValidationError({"officer": _("Choose an active member of staff.")})
        if self.officer_id and self.post_id and self.starts_on and self._overlaps():
            raise ValidationError(_("This officer already holds this post in some of these days."))

    def _overlaps(self) -> bool:
        same = Posting.objects.filter(post_id=self.post_id, officer_id=self.officer_id).exclude(pk=self.pk)
        if self.ends_on:
            same = same.filter(starts_on__lte=self.ends_on)
        return same.filter(Q(ends_on=None) | Q(ends_on__gte=self.starts_on)).exists()

    def in_force(self, on=None) -> bool:
        """Whether the officer holds the post on a date (today in the state's zone)."""
        on = on or timezone.localdate()
        return self.starts_on <= on and (self.ends_on is None or self.ends_on >= on)

    def is_staffed(self, on=None) -> bool:
        """`staffed`, for one posting at hand: in force, in a post in use, by an officer who can work."""
        return self.in_force(on) and self.post.is_active and self.officer.is_active


class AbsenceQuerySet(models.QuerySet):
    def on(self, day):
        """Leave that a date lies in."""
        return self.between(day, day)

    def between(self, first, last):
        """Leave that has a day in common with these, both included."""
        return self.filter(starts_on__lte=last, ends_on__gte=first)


@pghistory.track()
class Absence(models.Model):
    """An officer away from a posting, from date to date, and who stands in."""

    posting = models.ForeignKey(Posting, models.CASCADE, related_name="absences", verbose_name=_("posting"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    stand_in = models.ForeignKey(
        Posting, models.PROTECT, null=True, blank=True, related_name="stands_in_for", verbose_name=_("stand-in")
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leave and stand-ins")
        ordering = ["-starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_begins",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("Leave cannot end before it begins."),
            ),
            models.CheckConstraint(
                name="absence_stand_in_is_another",
                condition=Q(stand_in__isnull=True) | ~Q(stand_in=F("posting")),
                violation_error_message=_("Nobody can stand in for themselves."),
            ),
        ]

    def __str__(self):
        return f"{self.posting} {self.starts_on} – {self.ends_on}"

    def clean(self):
        if not (self.posting_id and self.starts_on and self.ends_on) or self.ends_on < self.starts_on:
            return  # said beside the field
        overlapping = Absence.objects.between(self.starts_on, self.ends_on).filter(posting_id=self.posting_id)
        if overlapping.exclude(pk=self.pk).exists():
            raise ValidationError(_("This officer already has leave in these days."))
        if not self._lies_in(self.posting):
            raise ValidationError(_("The officer does not hold this post on all of these days."))
        if self.stand_in_id:
            self._check_stand_in()

    def _lies_in(self, posting: Posting) -> bool:
        return posting.in_force(self.starts_on) and posting.in_force(self.ends_on)

    def _check_stand_in(self) -> None:
        if self.stand_in.officer_id == self.posting.officer_id:
            raise ValidationError({"stand_in": _("Nobody can stand in for themselves.")})
        if not self._lies_in(self.stand_in):
            raise ValidationError({"stand_in": _("The stand-in does not hold that post on all of these days.")})
        if self.stand_in.post.line != self.posting.post.line:
            raise ValidationError({"stand_in": _("Only an officer of the same partner line can stand in here.")})
        if self._comes_back():
            raise ValidationError({
                "stand_in": _("The stand-in is away in these days, and the work would come back to this officer.")
            })  # fmt: skip

    def _comes_back(self) -> bool:
        """Whether, on some day of the leave, stand-in after stand-in leads to this officer again."""
        ways, seen = [(self.stand_in_id, self.starts_on, self.ends_on)], set()
        while ways:
            way = ways.pop()
            if way in seen:
                continue
            seen.add(way)
            posting, starts_on, ends_on = way
            away = Absence.objects.between(starts_on, ends_on).filter(posting_id=posting)
            for absence in away.exclude(pk=self.pk).exclude(stand_in=None).select_related("stand_in"):
                if absence.stand_in.officer_id == self.posting.officer_id:
                    return True
                ways.append((absence.stand_in_id, max(starts_on, absence.starts_on), min(ends_on, absence.ends_on)))
        return False
