"""Two ways to be signed in, which never mix: staff by password, citizens by one-time password."""

from django.contrib.auth.backends import ModelBackend

from .models import User


class StaffBackend(ModelBackend):
    """Username and password, for staff alone: citizens and API clients have no password."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        if username is None or password is None:
            return None
        user = User.objects.filter(username__iexact=username, kind=User.Kind.STAFF).first()
        if user is None:
            User().set_password(password)  # takes as long as for a known name
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None


class CitizenBackend(ModelBackend):
    """Keeps a citizen's session; nobody can authenticate with it (`citizens.sign_in` does)."""

    def authenticate(self, request, **credentials):
        return None

    def has_perm(self, user_obj, perm, obj=None):
        return False
