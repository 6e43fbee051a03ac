"""Everyone who signs in: citizens by phone, staff by username, programs by token."""

import secrets

import pghistory
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

# Asked at every registration: the ORM took longer to write these down, and to take the answer in, than the database to
# answer.
KNOWN_CITIZEN = "SELECT {columns} FROM citizens_user WHERE phone = %s AND kind = 'citizen'"
KNOWN_OR_NEW_CITIZEN = f"""
    WITH known AS ({KNOWN_CITIZEN}), made AS (
        INSERT INTO citizens_user (phone, password, username, name, language, date_joined, kind,
                                   name_hi, email, is_superuser, is_staff, is_active)
        SELECT %s, %s, %s, %s, %s, %s, 'citizen', '', '', false, false, true WHERE NOT EXISTS (SELECT FROM known)
        ON CONFLICT DO NOTHING RETURNING {{columns}}
    )
    SELECT * FROM known UNION ALL SELECT * FROM made
"""  # noqa: S608 - columns of our own model


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username):
        return self.get(username__iexact=username)

    def create_user(self, username, password=None, **fields):
        """A member of staff."""
        user = self.model(username=username, **{"kind": User.Kind.STAFF, **fields})
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username, password=None, **fields):
        """An administrator of the whole portal."""
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)

    def citizen(self, phone, *, name="", language="hi"):
        """The citizen with this phone number, made known at the first contact.

        An existing citizen's name and language are theirs and are not touched.
        """
        phone = self.model._meta.get_field("phone").get_prep_value(phone)
        no_password, username = UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20), f"c-{secrets.token_hex(8)}"
        known_or_new = [phone, phone, no_password, username, name, language, timezone.now()]
        # Another process may be making the same citizen known: whoever comes second takes the first one's row.
        attempts = ((KNOWN_OR_NEW_CITIZEN, known_or_new), (KNOWN_CITIZEN, [phone]))
        return next(citizen for sql, values in attempts for citizen in self._asked(sql, values))

    def _asked(self, sql: str, values: list):
        """The row, if any, that this statement gives."""
        fields = self.model._meta.concrete_fields
        with connection.cursor() as cursor:
            cursor.execute(sql.format(columns=", ".join(field.column for field in fields)), values)
            for row in cursor.fetchall():
                yield self.model.from_db(connection.alias, [field.attname for field in fields], row)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """A person or program. Rights come from postings (`grievance.access`), not from fields here."""

    class Kind(models.TextChoices):
        CITIZEN = "citizen", _("Citizen")
        STAFF = "staff", _("Staff")
        CLIENT = "client", _("API client")

    class Language(models.TextChoices):
        HINDI = "hi", "हिन्दी"
        ENGLISH = "en", "English"

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.STAFF)
    username = models.CharField(_("username"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    name_hi = models.CharField(_("name in Hindi"), max_length=120, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True, null=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.HINDI)
    is_staff = models.BooleanField(_("may open the administration"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(fields=["phone"], condition=Q(kind="citizen"), name="one_citizen_a_phone"),
            models.CheckConstraint(
                name="citizen_has_a_phone_and_no_rights",
                condition=~Q(kind="citizen") | Q(phone__isnull=False, is_staff=False, is_superuser=False),
            ),
        ]
        indexes = [models.Index(fields=["phone"])]

    def __str__(self):
        return self.get_full_name() or (self.username if self.kind != self.Kind.CITIZEN else str(_("Citizen")))

    @property
    def is_citizen(self) -> bool:
        return self.kind == self.Kind.CITIZEN

    def get_full_name(self) -> str:
        """The name in the reader's script, where it is known in it."""
        return (self.name_hi if (get_language() or "").startswith("hi") else "") or self.name

    def get_short_name(self) -> str:
        return self.name
