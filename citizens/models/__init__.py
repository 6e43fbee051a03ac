"""People, one-time passwords, API tokens."""

from .one_time_password import OneTimePassword
from .token import ApiToken
from .user import User

__all__ = ["ApiToken", "OneTimePassword", "User"]
