"""Which phone numbers messages go to."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def check_of_this_country(phone) -> None:
    """Raises ValidationError for a number abroad: a code sent there costs a hundredfold, and thieves live on that."""
    if phone.country_code not in settings.PHONE_COUNTRY_CODES:
        raise ValidationError(_("Write an Indian mobile number: messages go to no other."))


# No number of India begins with 10: what begins so belongs to nobody, and no message goes there.
SYNTHETIC = "+9110"


def synthetic_phone(number: int) -> str:
    """The phone of a made-up person, by their number below ten crore."""
    return f"{SYNTHETIC}{number:08d}"


def is_synthetic(phone) -> bool:
    """Whether this phone belongs to a made-up person, to whom nothing is sent."""
    return str(phone or "").startswith(SYNTHETIC)
