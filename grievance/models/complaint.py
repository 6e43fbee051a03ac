"""What a citizen filed, and where it stands now."""

from collections.abc import Collection

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from departments import remembered
from departments.models import Area, CalendarVersion, Category, Department, Post, Posting


class Kind(models.TextChoices):
    COMPLAINT = "complaint", _("Complaint")
    DEMAND = "demand", _("Demand")
    SUGGESTION = "suggestion", _("Suggestion")
    ENQUIRY = "enquiry", _("Enquiry")


class State(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    ASSIGNED = "assigned", _("With the officer")
    IN_PROGRESS = "in_progress", _("Work in progress")
    AWAITING_CITIZEN = "awaiting_citizen", _("Waiting for the citizen")
    RESOLVED = "resolved", _("Resolved, waiting for the verdict")
    CLOSED = "closed", _("Closed")


class Outcome(models.TextChoices):
    SATISFIED = "satisfied", _("Closed, citizen satisfied")
    NO_REPLY = "no_reply", _("Closed, no reply from the citizen")
    REJECTED = "rejected", _("Rejected")
    UNSATISFIED = "unsatisfied", _("Closed by order, citizen not satisfied")
    DUPLICATE = "duplicate", _("Joined with another complaint")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Open: someone still has to do something. Running: the officer's clock runs. Undisposed: an officer still has to, which
# is what the figures call open.
OPEN_STATES = (State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS, State.AWAITING_CITIZEN, State.RESOLVED)
RUNNING_STATES = (State.ASSIGNED, State.IN_PROGRESS)
UNDISPOSED = (State.REGISTERED, *RUNNING_STATES, State.AWAITING_CITIZEN)
# Open, and even the time of the highest level ran out; whoever it was with may have left, and it waits to be given on.
BREACHED = Q(breached_at__isnull=False, state__in=UNDISPOSED)

# How the keys of complaints begin that `manage.py load_history` made up.
SYNTHETIC_KEY = "synthetic-"

# Checked once a statement, however many complaints it wrote. So an event is written before its complaint changes, or
# in the same statement. Each event is looked up by its place: the plan is made for the first statement of a connection,
# and by the transaction every complaint of a later, larger one would look through all its events.
WITHOUT_EVENT = """
    FOR without IN
        SELECT changed.number FROM ({changed}) AS changed
        WHERE NOT EXISTS (
            SELECT 1 FROM grievance_event AS event
            WHERE event.complaint_id = changed.id AND event.seq = changed.event_count
              AND event.to_state = changed.state AND event.xid + 0 = pg_current_xact_id()::text::bigint
        ) LIMIT 1
    LOOP
        RAISE EXCEPTION 'complaint % changed without an event', without.number
            USING ERRCODE = 'integrity_constraint_violation';
    END LOOP;
    RETURN NULL;
"""
WATCHED = ("state", "level", "round", "assignee_id", "outcome", "verdict", "department_id", "event_count", "head_hash")
# EXCEPT takes as long as there are rows; a join planned for one row compares each with each.
CHANGED = f"""
    SELECT id, number, {", ".join(WATCHED)} FROM new_rows EXCEPT SELECT id, number, {", ".join(WATCHED)} FROM old_rows
"""  # noqa: S608 - names of our own


class Complaint(models.Model):
    """One complaint. Its `state`, `level`, `assignee` and clock change only through `grievance.workflow`;
    the database refuses such a change that has no event in the same transaction."""

    number = models.CharField(_("number"), max_length=11, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.COMPLAINT)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", db_index=False, verbose_name=_("category"))
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", db_index=False, verbose_name=_("department")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False, verbose_name=_("place"))
    district = models.ForeignKey(
        Area, models.PROTECT, related_name="+", null=True, db_index=False, verbose_name=_("district")
    )
    place_note = models.CharField(_("ward, village or landmark"), max_length=200, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    text = models.TextField(_("what happened"))
    fields = models.JSONField(_("answers to the extra questions"), default=dict)

    citizen = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="complaints", db_index=False)
    language = models.CharField(_("language"), max_length=2, default="hi")
    channel = models.CharField(_("channel"), max_length=12)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    idempotency_key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    confidential = models.BooleanField(_("confidential"), default=False)
    line = models.CharField(_("partner line"), max_length=12, blank=True)

    # A complaint about an officer: who, and the lowest level that may own or see it.
    about_post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", db_index=False)
    about_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    min_level = models.PositiveSmallIntegerField(default=1)

    state = models.CharField(_("state"), max_length=16, choices=State.choices)
    level = models.PositiveSmallIntegerField(
        _("level"), default=1, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    round = models.PositiveSmallIntegerField(default=1)
    assignee = models.ForeignKey(Posting, models.PROTECT, null=True, related_name="+", verbose_name=_("assignee"))
    why = models.JSONField(_("why it is here"), default=dict)
    triage_since = models.DateTimeField(null=True)
    # A column of its own: `due_at` is an officer's deadline, and only what runs has one.
    triage_due_at = models.DateTimeField(null=True, help_text="When the triage desk's own time runs out.")

    registered_at = models.DateTimeField(_("registered"))
    assigned_at = models.DateTimeField(null=True)
    level_since = models.DateTimeField(null=True, help_text="When the clock of this level began.")
    due_at = models.DateTimeField(
        _("due"), null=True, help_text="When this level's time runs out; empty while it stands still."
    )
    calendar_version = models.ForeignKey(
        CalendarVersion, models.PROTECT, null=True, related_name="+", db_index=False,
        help_text="The calendar the due date was computed from.",
    )  # fmt: skip
    clock_minutes = models.PositiveIntegerField(default=0, help_text="Working minutes granted at this level.")
    left_seconds = models.IntegerField(null=True, help_text="Working seconds left, while the clock is paused.")
    paused_at = models.DateTimeField(null=True)
    warned = models.PositiveSmallIntegerField(default=0, help_text="Percent of this level's time last warned of.")
    warn_at = models.DateTimeField(null=True, help_text="When the next warning goes to the assignee.")
    breached_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True, help_text="When the citizen is next reminded to judge the result.")
    closed_at = models.DateTimeField(null=True)
    close_after = models.DateTimeField(null=True, help_text="A special closing takes effect then, if nobody objects.")

    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, blank=True)
    verdict = models.CharField(_("verdict"), max_length=14, blank=True)
    rating = models.PositiveSmallIntegerField(
        _("rating"), null=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    reopen_count = models.PositiveSmallIntegerField(default=0)
    transfer_count = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)

    event_count = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)
    # Signs the two above with LOG_KEY; see `grievance.log.seal`.
    seal = models.CharField(max_length=64, blank=True)

    # All its events, where they are at hand because they were just written; else they are read.
    whole_history = None

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["registered_by", "idempotency_key"], name="one_complaint_a_key"),
            models.CheckConstraint(name="closed_has_outcome", condition=Q(state="closed") ^ Q(outcome="")),
            models.CheckConstraint(
                name="running_has_owner_and_due",
                condition=~Q(state__in=RUNNING_STATES) | Q(assignee__isnull=False, due_at__isnull=False),
            ),
            models.CheckConstraint(name="level_1_to_4", condition=Q(level__gte=1, level__lte=4)),
        ]
        # Every change of a complaint is written to all of its indexes. So a foreign key has one of its own only where
        # no other begins with it, and what few complaints have is indexed for these alone.
        indexes = [
            models.Index(fields=["citizen", "-id"]),
            models.Index(fields=["registered_by", "-id"]),
            models.Index(fields=["department", "-id"]),
            models.Index(fields=["district", "-id"]),
            models.Index(fields=["area", "-id"]),
            models.Index(fields=["category", "-id"]),
            models.Index(fields=["assignee", "due_at"], name="open_work", condition=~Q(state="closed")),
            models.Index(fields=["department", "due_at"], name="open_of_department", condition=~Q(state="closed")),
            models.Index(fields=["district", "due_at"], name="open_of_district", condition=~Q(state="closed")),
            # An officer's place has a small part of what is open in the department.
            models.Index(fields=["department", "area"], name="open_of_place", condition=~Q(state="closed")),
            models.Index(fields=["id"], name="to_route", condition=Q(state="registered", triage_since__isnull=True)),
            models.Index(fields=["due_at", "id"], name="open_by_due", condition=~Q(state="closed")),
            models.Index(
                fields=["due_at"],
                name="to_climb",
                condition=Q(state__in=RUNNING_STATES, breached_at__isnull=True),
            ),
            models.Index(
                fields=["calendar_version"], name="running_by_calendar", condition=Q(state__in=RUNNING_STATES)
            ),
            models.Index(fields=["triage_since"], name="in_triage", condition=Q(state="registered")),
            models.Index(fields=["close_after"], name="closing", condition=Q(close_after__isnull=False)),
            models.Index(fields=["warn_at"], name="to_warn", condition=Q(warn_at__isnull=False)),
            models.Index(fields=["remind_at"], name="to_remind", condition=Q(remind_at__isnull=False)),
            models.Index(fields=["paused_at"], name="unanswered", condition=Q(state="awaiting_citizen")),
            models.Index(fields=["triage_due_at"], name="triage_by_due", condition=Q(triage_due_at__isnull=False)),
            models.Index(
                fields=["department", "breached_at"],
                name="open_breached",
                condition=BREACHED,
            ),
            # The oldest that are open, and those of a period: what the boards' numbers lead to.
            models.Index(fields=["id"], name="oldest_undisposed", condition=Q(state__in=UNDISPOSED)),
            models.Index(fields=["registered_at"], name="registered_in_a_period"),
            models.Index(fields=["about_post"], name="about_a_post", condition=Q(about_post__isnull=False)),
            models.Index(fields=["about_officer"], name="about_an_officer", condition=Q(about_officer__isnull=False)),
            models.Index(fields=["merged_into"], name="joined", condition=Q(merged_into__isnull=False)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="insert_has_event",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="new_rows"),
                declare=[("without", "record")],
                func=WITHOUT_EVENT.format(changed="SELECT * FROM new_rows"),
            ),
            pgtrigger.Trigger(
                name="change_has_event",
                level=pgtrigger.Statement,
                operation=pgtrigger.Update,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
                declare=[("without", "record")],
                func=WITHOUT_EVENT.format(changed=CHANGED),
            ),
        ]

    def __str__(self):
        return self.number

    # Django's own make a dictionary of all choices at each call, and a list calls them for each row.
    def get_state_display(self) -> str:
        return State(self.state).label

    def get_outcome_display(self) -> str:
        return Outcome(self.outcome).label if self.outcome else ""

    @property
    def place(self) -> str:
        """Where it is, with the district, in the reader's language."""
        if self.district_id in (None, self.area_id):
            return self.area.name
        return f"{self.area.name}, {self.district.name}"

    @property
    def is_open(self) -> bool:
        return self.state != State.CLOSED

    @property
    def is_synthetic(self) -> bool:
        """Made up to try the portal at the state's scale; nobody filed it."""
        return self.idempotency_key.startswith(SYNTHETIC_KEY)

    @property
    def in_triage(self) -> bool:
        """Nobody could be found for it: people at the triage desk decide."""
        return self.state == State.REGISTERED and self.triage_since is not None


def remember_reference_rows(complaints: Collection[Complaint]) -> None:
    """Gives them their categories, departments and places as this process remembers them, instead of read with each;
    what is not at hand is read in one query a table."""
    categories = remembered.category.several(complaint.category_id for complaint in complaints)
    departments = remembered.department.several(complaint.department_id for complaint in complaints)
    places = {pk for complaint in complaints for pk in (complaint.area_id, complaint.district_id)}
    areas = remembered.area.several(places - {None})
    # Their ids are set already: a plain assignment checks and sets them again, which takes ten times as long.
    category, department, area, district = (
        Complaint._meta.get_field(name).set_cached_value for name in ("category", "department", "area", "district")
    )
    for complaint in complaints:
        category(complaint, categories[complaint.category_id])
        department(complaint, departments[complaint.department_id])
        area(complaint, areas[complaint.area_id])
        district(complaint, areas.get(complaint.district_id))


def remember_to_show(complaints: Collection[Complaint]) -> None:
    """What a page or an answer names, as this process remembers it: reference rows, and who has it. Never for deciding:
    whether they hold the post today is asked of the database."""
    remember_reference_rows(complaints)
    postings = remembered.posting.several({complaint.assignee_id for complaint in complaints} - {None})
    for complaint in complaints:
        # Who was just given it is at hand.
        if not complaint._state.fields_cache.get("assignee"):
            complaint.assignee = postings.get(complaint.assignee_id)


# The due date an inbox sorts by: what is paused or waits for a verdict comes after what runs.
DUE_FIRST = F("due_at").asc(nulls_last=True)
