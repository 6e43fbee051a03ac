"""The tree of places: state, division, district, tehsil or block, panchayat or urban body, ward or village."""

import pghistory
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ..bilingual import Bilingual


class AreaQuerySet(models.QuerySet):
    def within(self, area: "Area"):
        """The area itself and every place below it."""
        return self.filter(path__startswith=area.path)

    def containing(self, area: "Area"):
        """The area itself and every place above it, the state first."""
        return self.filter(pk__in=area.path_ids()).order_by("depth")


@pghistory.track()
class Area(Bilingual):
    """One place. `path` holds the ids from the state down to itself, `/1/4/93/`: what lies within a
    place is then one prefix of an indexed column, and what contains it needs no query at all."""

    class Kind(models.TextChoices):
        STATE = "state", _("State")
        DIVISION = "division", _("Division")
        DISTRICT = "district", _("District")
        SUBDIVISION = "subdivision", _("Sub-division")
        TEHSIL = "tehsil", _("Tehsil")
        BLOCK = "block", _("Development block")
        URBAN_BODY = "urban_body", _("Town or city")
        PANCHAYAT = "panchayat", _("Gram panchayat")
        WARD = "ward", _("Ward")
        VILLAGE = "village", _("Village")

    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("lies in")
    )
    path = models.CharField(max_length=120, unique=True, null=True, editable=False)
    depth = models.PositiveSmallIntegerField(default=0, editable=False)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["name_en", "id"]
        indexes = [
            models.Index(OpClass("path", "text_pattern_ops"), name="area_path_prefix"),
            models.Index(fields=["kind", "name_en"]),
            GinIndex(OpClass(Lower("name_en"), "gin_trgm_ops"), name="area_name_en_trgm"),
            GinIndex(OpClass("name_hi", "gin_trgm_ops"), name="area_name_hi_trgm"),
        ]

    def path_ids(self) -> list[int]:
        """Ids of the areas that contain this one, from the state down to itself."""
        return [int(part) for part in self.path.strip("/").split("/")]

    def contains(self, other: "Area") -> bool:
        """Whether `other` is this place or lies within it."""
        return other.path.startswith(self.path)

    def clean(self):
        if self.pk and self.parent_id and self.path and self.contains(self.parent):
            raise ValidationError({"parent": _("A place cannot lie in itself or in a place within it.")})

    def save(self, *args, **kwargs):
        """Keeps the path: a new area's after it has an id, a moved one's with everything below it."""
        old_path = self.path
        super().save(*args, **kwargs)
        prefix, depth = (self.parent.path, self.parent.depth + 1) if self.parent else ("/", 0)
        path = f"{prefix}{self.pk}/"
        if path == old_path:
            return
        self.path, self.depth = path, depth
        Area.objects.filter(pk=self.pk).update(path=path, depth=depth)
        if old_path:
            for child in self.children.all():
                child.parent = self
                child.save()


class PinCode(models.Model):
    """A post office of a PIN code and the area it points to; a PIN may offer several."""

    pincode = models.CharField(_("PIN code"), max_length=6, db_index=True)
    office = models.CharField(_("post office"), max_length=120)
    area = models.ForeignKey(Area, models.CASCADE, verbose_name=_("area"))
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    class Meta:
        verbose_name = _("PIN code")
        verbose_name_plural = _("PIN codes")
        constraints = [models.UniqueConstraint(fields=["pincode", "office"], name="pincode_office_once")]

    def __str__(self):
        return f"{self.pincode} {self.office}"
