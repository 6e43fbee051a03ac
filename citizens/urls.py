"""Addresses of sign-in. Staff pages are allauth's, under /staff/, with our templates."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from django.urls import include, path

from . import sign_in

urlpatterns = [
    path("sign-in/", sign_in.ask_phone, name="sign_in"),
    path("sign-in/code/", sign_in.ask_code, name="sign_in_code"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("sessions/", sign_in.own_sessions, name="own_sessions"),
    path("sessions/<int:pk>/end/", sign_in.end_session, name="end_session"),
    # Only what staff need of allauth: no sign-up, no e-mail management, no password reset by mail.
    path("staff/sign-in/", account.login, name="account_login"),
    path("staff/sign-out/", sign_in.sign_out, name="account_logout"),
    path("staff/sign-up/", account.signup, name="account_signup"),
    path("staff/password/", account.password_change, name="account_change_password"),
    path("staff/password/set/", account.password_set, name="account_set_password"),
    path("staff/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("staff/inactive/", account.account_inactive, name="account_inactive"),
    path("staff/sign-in/second-factor/", mfa.authenticate, name="mfa_authenticate"),
    path("staff/second-factor/", mfa.index, name="mfa_index"),
    path("staff/reauthenticate/second-factor/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("staff/second-factor/totp/", include("allauth.mfa.totp.urls")),
    path("staff/second-factor/recovery-codes/", include("allauth.mfa.recovery_codes.urls")),
]
