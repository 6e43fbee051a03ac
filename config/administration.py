"""How the administration looks: its title, colours and the groups of its sidebar. Read by `config.settings`."""

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _mark(_request) -> str:
    return static("mark.svg")


def _may_view(*models: str):
    """Shows an entry to whoever may look at one of the models, `app.model`."""
    permissions = ["{}.view_{}".format(*model.split(".")) for model in models]
    return lambda request: any(request.user.has_perm(permission) for permission in permissions)


def _entry(title, icon: str, model: str) -> dict:
    address = reverse_lazy("admin:{}_{}_changelist".format(*model.split(".")))
    return {"title": title, "icon": icon, "link": address, "permission": _may_view(model)}


NAVIGATION = [
    {
        "title": _("Departments and matters"),
        "items": [
            _entry(_("Departments"), "account_balance", "departments.department"),
            _entry(_("Category groups"), "folder", "departments.categorygroup"),
            _entry(_("Categories"), "category", "departments.category"),
            _entry(_("Reasons"), "rule", "departments.reason"),
            _entry(_("Canned replies"), "quickreply", "departments.cannedreply"),
        ],
    },
    {
        "title": _("Officers"),
        "items": [
            _entry(_("People"), "group", "citizens.user"),
            _entry(_("Posts"), "badge", "departments.post"),
            _entry(_("Postings"), "assignment_ind", "departments.posting"),
            _entry(_("Leave and stand-ins"), "event_busy", "departments.absence"),
            {
                "title": _("Import officers"),
                "icon": "upload_file",
                "link": reverse_lazy("admin:officer_import"),
                "permission": lambda request: request.user.has_perms(["citizens.add_user", "departments.add_posting"]),
            },
        ],
    },
    {
        "title": _("Places and calendar"),
        "items": [
            _entry(_("Areas"), "map", "departments.area"),
            _entry(_("PIN codes"), "pin_drop", "departments.pincode"),
            _entry(_("Holidays"), "event", "departments.holiday"),
            _entry(_("Calendar versions"), "calendar_month", "departments.calendarversion"),
            _entry(_("Deadlines"), "timer", "departments.deadlinepolicy"),
        ],
    },
    {
        "title": _("Messages"),
        "items": [
            _entry(_("Message templates"), "sms", "channels.messagetemplate"),
            _entry(_("Deliveries"), "outbox", "channels.delivery"),
            _entry(_("Reports by e-mail"), "schedule_send", "channels.reportschedule"),
            _entry(_("Switch over sending"), "toggle_on", "channels.deliveryswitch"),
        ],
    },
    {
        "title": _("Access and operation"),
        "items": [
            _entry(_("Groups of rights"), "lock", "auth.group"),
            _entry(_("API tokens"), "key", "citizens.apitoken"),
            _entry(_("Lists as files"), "download", "grievance.export"),
            _entry(_("Readers of the event log"), "menu_book", "grievance.readerposition"),
            _entry(_("Record of the administration"), "history", "admin.logentry"),
        ],
    },
]

UNFOLD = {
    "SITE_TITLE": _("Seva Sankalp"),
    "SITE_HEADER": _("Seva Sankalp"),
    "SITE_SUBHEADER": _("Administration"),
    "SITE_ICON": _mark,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _mark}],
    # One look, whatever the browser prefers: contrast is checked for it.
    "THEME": "light",
    # Colours stand in static/css/admin.css: the Content-Security-Policy allows no style inside a page.
    "COLORS": {},
    "STYLES": [],
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": True,
    "SHOW_BACK_BUTTON": True,
    "ACCOUNT": {
        "navigation": [
            {"title": _("Change password"), "link": reverse_lazy("account_change_password")},
            {"title": _("Second factor"), "link": reverse_lazy("mfa_index")},
            {"title": _("Where you are signed in"), "link": reverse_lazy("own_sessions")},
        ]
    },
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "show_all_applications": False,
        "navigation": NAVIGATION,
    },
}
