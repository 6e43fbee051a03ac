"""Which phone numbers messages go to."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def check_of_this_country(phone) -> None:
    """Raises ValidationError for a number abroad: a code sent there costs a hundredfold, and thieves live on that."""
    if phone.country_code not in settings.PHONE_COUNTRY_CODES:
        raise ValidationError(_("Write an Indian mobile number: messages go to no other."))
