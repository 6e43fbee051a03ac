"""The named queues of Celery, and who listens to which. Read by the settings and by the supervisor.

Messages have processes of their own: a gateway that is slow to answer must not keep a complaint from its desk.
"""

ROUTING, SWEEPS, READERS, FIGURES, SMS, EMAIL, EXPORTS = (
    "routing", "sweeps", "readers", "figures", "messages.sms", "messages.email", "exports",
)  # fmt: skip
LISTENERS = {"worker": (ROUTING, SWEEPS, READERS, FIGURES), "messenger": (SMS, EMAIL, EXPORTS)}
EVERY = tuple(queue for queues in LISTENERS.values() for queue in queues)
# A task without a row here is a sweep.
ROUTES = {
    "grievance.tasks.route_registered": {"queue": ROUTING},
    "grievance.tasks.follow_readers": {"queue": READERS},
    "channels.tasks.deliver_sms": {"queue": SMS},
    "channels.tasks.deliver_email": {"queue": EMAIL},
    # Beside the messages: a long list must not keep a complaint from its desk either. One is written at a time, so
    # that of the messenger's processes, two at least, it never takes more than one.
    "grievance.tasks.write_exports": {"queue": EXPORTS},
    "dashboards.tasks.publish_figures": {"queue": FIGURES},
}
