"""Rules about the accounts of staff and programs, for the administration and the import."""

import re

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models import User

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,79}")


def check_username(username: str, pk: int | None = None) -> None:
    """Raises ValidationError unless the name can be signed in with and nobody else has it in any spelling."""
    if not USERNAME.fullmatch(username):
        raise ValidationError(_("A username has 2 to 80 letters, digits, dots, hyphens or underscores, all Latin."))
    if User.objects.filter(username__iexact=username).exclude(pk=pk).exists():
        raise ValidationError(_("Somebody already has this username."))


def may_manage(actor: User, person: User | None) -> bool:
    """Who may change an account: a citizen's nobody, an administrator's only who administers the whole portal."""
    if person is None:
        return True
    if person.is_citizen:
        return False
    return actor.is_superuser or not (person.is_staff or person.is_superuser)


def switch(people, actor: User, *, active: bool) -> int:
    """Lets accounts in or shuts them out, never one's own. Sessions and tokens of those shut out stop at once."""
    chosen = [person for person in people if may_manage(actor, person) and person.pk != actor.pk]
    changed = [person for person in chosen if person.is_active != active]
    for person in changed:
        person.is_active = active
        person.save(update_fields=["is_active"])
    return len(changed)


def forget_second_factor(people, actor: User) -> int:
    """For who lost their phone: they set up a second factor anew at the next sign-in."""
    chosen = [person.pk for person in people if may_manage(actor, person)]
    return Authenticator.objects.filter(user__in=chosen).delete()[0]
