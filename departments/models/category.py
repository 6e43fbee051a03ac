"""What a complaint is about: categories of a department, in groups nested to any depth."""

import pghistory
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..bilingual import Bilingual
from ..fields import validate_definitions
from ..spelling import normalise
from .department import Department


@pghistory.track()
class CategoryGroup(Bilingual):
    """A shelf of categories, inside another shelf or directly in its department."""

    code = models.SlugField(_("code"), max_length=80, unique=True)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="category_groups", verbose_name=_("department")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("inside")
    )

    class Meta:
        verbose_name = _("category group")
        verbose_name_plural = _("category groups")
        ordering = ["name_en", "id"]

    def clean(self):
        above, seen = self.parent, {self.pk} - {None}
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": _("A group cannot stand inside itself or a group within it.")})
            seen.add(above.pk)
            above = above.parent
        if self.parent_id and self.department_id and self.parent.department_id != self.department_id:
            raise ValidationError({"parent": _("This group belongs to another department.")})


@pghistory.track()
class Category(Bilingual):
    """What a complaint can be about.

    `fields` are the extra questions (see `departments.fields`). `search_text` is what the words
    citizens type are compared with: names and search words of all three spellings, lower case.
    """

    class Line(models.TextChoices):
        WOMEN = "181", _("Women Helpline 181")
        HRTC = "hrtc", _("HRTC helpline")
        DISASTER = "1077", _("Disaster line 1077")
        GST = "gst", _("GST helpline")
        DEADDICTION = "deaddiction", _("Drug de-addiction counselling")

    code = models.SlugField(_("code"), max_length=100, unique=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="categories", verbose_name=_("department"))
    group = models.ForeignKey(
        CategoryGroup, models.PROTECT, null=True, blank=True, related_name="categories", verbose_name=_("group")
    )
    words_en = models.TextField(_("search words in English"), blank=True)
    words_hi = models.TextField(_("search words in Hindi"), blank=True)
    words_roman = models.TextField(_("search words in Romanised Hindi"), blank=True)
    search_text = models.TextField(editable=False, default="")
    fields = models.JSONField(
        _("extra questions"),
        default=list,
        blank=True,
        validators=[validate_definitions],
        help_text=_(
            "A list of questions: key, label_en, label_hi, kind, required, pattern, choices, help_en, help_hi."
        ),
    )
    needs_proof = models.BooleanField(_("proof needed to resolve"), default=False)
    confidential = models.BooleanField(_("confidential"), default=False)
    emergency = models.BooleanField(_("emergency, round the clock"), default=False)
    about_officer = models.BooleanField(_("about an officer or employee"), default=False)
    line = models.CharField(_("partner line"), max_length=12, choices=Line.choices, blank=True)
    start_level = models.PositiveSmallIntegerField(
        _("first level"), default=1, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name_en", "id"]
        indexes = [GinIndex(OpClass("search_text", "gin_trgm_ops"), name="category_search_trgm")]

    def save(self, *args, **kwargs):
        self.search_text = self.compose_search_text()
        super().save(*args, **kwargs)

    def clean(self):
        if self.group_id and self.department_id and self.group.department_id != self.department_id:
            raise ValidationError({"group": _("This group belongs to another department.")})
        if self.confidential and not self.line:
            # Nobody but the line's own posts may see it.
            raise ValidationError({"line": _("A confidential matter needs its partner line: nobody else may see it.")})

    def compose_search_text(self) -> str:
        """What typed words are compared with, normalised as typed words are."""
        parts = [self.name_en, self.name_hi, self.words_en, self.words_hi, self.words_roman]
        return normalise(" , ".join(part for part in parts if part))
