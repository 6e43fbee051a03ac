"""Pages where citizens sign in with a one-time password, and where everyone ends their sessions."""

import logging

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from . import browsers, one_time_password
from .addresses import client_address
from .forms import CodeForm, PhoneForm
from .models import User
from .sessions import tell_if_signed_out

logger = logging.getLogger(__name__)

BROWSER, PHONE = "one_time_password_browser", "one_time_password_phone"


def _next(request) -> str:
    """Where to go afterwards: only to our own pages."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if own and target.startswith("/") else ""


def _with_next(address: str, following: str) -> str:
    return f"{address}?{urlencode({'next': following})}" if following else address


@never_cache
@require_http_methods(["GET", "POST"])
def ask_phone(request):
    """Asks for the phone number and sends the code."""
    if request.user.is_authenticated and request.user.is_citizen:
        return HttpResponseRedirect(_next(request) or resolve_url("my_complaints"))
    tell_if_signed_out(request)
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _send(request, form):
        return HttpResponseRedirect(_with_next(resolve_url("sign_in_code"), _next(request)))
    return render(request, "sign_in/phone.html", {"form": form, "next": _next(request)})


def _send(request, form) -> bool:
    browser = request.session.setdefault(BROWSER, one_time_password.new_browser_secret())
    phone = form.cleaned_data["phone"]
    try:
        one_time_password.send(phone, browser, client_address(request), get_language())
    except one_time_password.TooMany as error:
        form.add_error(
            "phone", _("Too many codes were asked for. Try again in %(minutes)s minutes.") % {"minutes": error.minutes}
        )
        return False
    except Exception as error:  # noqa: BLE001 - whatever the gateway's trouble is, the citizen can try again
        logger.warning("one_time_password_not_sent", extra={"error": type(error).__name__})
        form.add_error("phone", _("The code could not be sent just now. Try again in a minute, or call 1100."))
        return False
    request.session[PHONE] = str(phone)
    return True


@never_cache
@require_http_methods(["GET", "POST"])
def ask_code(request):
    """Asks for the code and signs the citizen in."""
    phone = request.session.get(PHONE)
    if not phone:
        return redirect("sign_in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            one_time_password.check(phone, form.cleaned_data["code"], request.session.get(BROWSER, ""))
        except one_time_password.WrongCode as wrong:
            said = (
                _("This code was written wrongly too often and is used up. Ask for a new one.")
                if wrong.spent
                else _("This code is wrong or too old. Check it, or ask for a new one.")
            )
            form.add_error("code", said)
        else:
            return _sign_in(request, phone, form.cleaned_data["name"])
    following = _next(request)
    context = {
        "form": form,
        "next": following,
        "phone": _as_written(phone),
        "ask_phone": _with_next(resolve_url("sign_in"), following),
    }
    return render(request, "sign_in/code.html", context)


def _as_written(phone: str) -> str:
    """The number as people here write it, so that a mistyped digit is seen: 98160 12345."""
    number = phone.removeprefix("+91")
    return f"{number[:5]} {number[5:]}" if len(number) == 10 else phone


def _sign_in(request, phone: str, name: str):
    citizen = User.objects.citizen(phone, name=name, language=get_language())
    if not citizen.is_active:
        messages.error(request, _("This number cannot sign in. Please call 1100."))
        return redirect("sign_in")
    if name and not citizen.name:
        citizen.name = name
        citizen.save(update_fields=["name"])
    following = _next(request)
    del request.session[PHONE]
    login(request, citizen, backend=settings.CITIZEN_BACKEND)
    UserSession.objects.create_from_request(request)
    return HttpResponseRedirect(following or resolve_url("my_complaints"))


@require_POST
def sign_out(request):
    """Ends the session and forgets the draft: phones are shared."""
    logout(request)
    return redirect("home")


@login_required
@never_cache
def own_sessions(request):
    """Lists where one is signed in."""
    sessions = UserSession.objects.filter(user=request.user).order_by("-created_at")[:50]
    alive = [(session, browsers.name_of(session.user_agent)) for session in sessions if session.exists()]
    context = {"sessions": alive, "current": request.session.session_key, "now": timezone.now()}
    return render(request, "sign_in/sessions.html", context)


@login_required
@require_POST
def end_session(request, pk: int):
    """Signs another browser out; the page keeps this one signed in."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    session.end()
    messages.success(request, _("That session was ended."))
    return redirect("own_sessions")
