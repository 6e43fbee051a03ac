"""Every page and list whose queries must not grow with the number of complaints. Whoever adds a list, a board or a
search adds its address here: (who opens it, address). `{…}` is filled in by the test with what it found."""

LISTS_OF_THE_DESK = (
    "/desk/", "/desk/?view=today", "/desk/?view=overdue", "/desk/?view=new", "/desk/?view=waiting",
    "/desk/?view=reopened", "/desk/?view=office", "/desk/?view=office&order=oldest", "/desk/?view=all",
    "/desk/?view=all&order=oldest", "/desk/?view=office&level=2", "/desk/?view=office&overdue=true",
    "/desk/?view=all&text={number}", "/desk/?view=office&text=पानी", "/desk/?view=office&area={area}",
    "/desk/notice/", "/desk/{number}/",
)  # fmt: skip
# What a board's number leads to: any period, however long or long ago, for whatever happened.
OVER_YEARS, LONG_AGO, WITHOUT_END = "{early}/{today}", "{early}/{early_end}", "/"
LISTS_OF_A_PERIOD = tuple(
    "/desk/?view=all" + "".join(f"&{name}={day}" for name, day in zip(names, span.split("/"), strict=True) if day) + actions
    for names, actions in (
        (("since", "until"), ""), (("since", "until"), "&order=oldest"), (("since", "until"), "&order=due"),
        *((("did_since", "did_until"), actions) for actions in (
            "", "&did=resolve&did=withdraw&did=approve_reject&did=special_close&did=merge", "&did=satisfied",
            "&did=transfer", "&did=merge", "&did=satisfied&department={department}",
        )),
    )
    for span in (OVER_YEARS, LONG_AGO, WITHOUT_END)
)  # fmt: skip
# What nobody can mean, or an address that was typed: nothing is found, and not by looking at everything.
IMPOSSIBLE = (
    "did_since={tomorrow}", "did_since={today}&did_until={early}", "since={tomorrow}", "since={today}&until={early}",
)  # fmt: skip
BOARDS_OF_ONE = (
    "/boards/departments/{department}/", "/boards/districts/{district}/", "/boards/categories/{category}/",
    "/boards/areas/{area}/", "/boards/officers/{posting}/",
)  # fmt: skip
PAGES_OF_THE_ADMINISTRATION = (
    "/admin/", "/admin/channels/delivery/", "/admin/channels/delivery/?state__exact=failed",
    "/admin/channels/delivery/?channel__exact=email", "/admin/channels/delivery/?held__exact=cap",
    "/admin/channels/delivery/{delivery}/change/", "/admin/citizens/user/", "/admin/citizens/user/?kind=citizen",
    "/admin/grievance/export/", "/admin/grievance/readerposition/", "/admin/admin/logentry/",
)  # fmt: skip
# What hardly a complaint is: looked for in the newest of them, not among all.
RARE = (
    "channel=sms", "outcome=duplicate", "outcome=unsatisfied", "level=4&kind=enquiry&channel=api", "age=over90&channel=sms",
    "area={area}&outcome=rejected", "department={department}&channel=sms", "state=closed&channel=sms&order=due",
    "channel=sms&order=oldest", "channel=sms&since={early}", "channel=sms&since={early}&order=oldest",
    "channel=sms&did=satisfied&did_since={early}&order=oldest",
)  # fmt: skip
ADDRESSES = (
    *(("cm office", f"/desk/?view=all&{rare}") for rare in RARE),
    *(("nodal", f"/desk/?view=all&{rare}") for rare in RARE[:4]),
    ("cm office", "/api/v1/complaints/?level=4&kind=enquiry&state=closed"),
    *(("cm office", address + period) for address in BOARDS_OF_ONE for period in ("", "?period=all")),
    ("officer", "/boards/officers/{posting}/"),
    ("cm office", "/boards/?period=all"),
    ("cm office", "/api/v1/figures/?period=all"),
    ("cm office", "/api/v1/figures/?department={department}&channel=web"),
    ("stranger", "/figures/?period=all"),
    ("stranger", "/open-data/"),
    ("stranger", "/open-data/log-heads.csv"),
    ("stranger", "/metrics"),
    *(("administrator", address) for address in PAGES_OF_THE_ADMINISTRATION),
    *((who, f"/desk/?view=all&{late}=true") for late in ("overdue", "breached") for who in ("officer", "nodal", "cm office")),
    *(("officer", f"/desk/?view=all&{impossible}") for impossible in IMPOSSIBLE),
    *((who, "/desk/search/?q={phone}") for who in ("nodal", "agent")),
    *((who, "/desk/search/?q={name}") for who in ("officer", "cm office")),
    ("officer", "/desk/exports/"),
    *((who, address) for who in ("cm office", "nodal") for address in LISTS_OF_A_PERIOD),
    ("cm office", "/api/v1/complaints/?since={early}&until={early_end}"),
    *(("officer", address) for address in LISTS_OF_THE_DESK),
    *(("nodal", address) for address in (*LISTS_OF_THE_DESK, "/desk/?view=triage")),
    *(("commissioner", address) for address in LISTS_OF_THE_DESK),
    *(("cm office", address) for address in (*LISTS_OF_THE_DESK, "/desk/?view=proposals")),
    *(("triage", address) for address in ("/desk/", "/desk/?view=proposals", "/desk/?view=office")),
    *((who, "/desk/search/?q=पानी") for who in ("officer", "nodal", "commissioner", "cm office", "agent")),
    *((who, "/desk/search/?q={number}") for who in ("officer", "cm office", "agent")),
    ("agent", "/desk/call-backs/"),
    ("citizen", "/complaints/"),
    ("citizen", "/complaints/{own}/"),
    ("stranger", "/"),
    ("stranger", "/figures/"),
    ("officer", "/api/v1/complaints/"),
    ("officer", "/api/v1/complaints/?order=due"),
    ("officer", "/api/v1/complaints/?text={number}"),
    ("nodal", "/api/v1/complaints/?state=assigned"),
    ("cm office", "/api/v1/complaints/?order=oldest"),
    ("citizen", "/api/v1/complaints/"),
    ("client", "/api/v1/complaints/"),
    ("cm office", "/boards/"),
    ("cm office", "/boards/departments/"),
    ("cm office", "/boards/districts/"),
    ("cm office", "/boards/desk/"),
)
