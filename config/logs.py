"""Structured logs: JSON in production, with request and task ids, and nothing of what people wrote.

Log a constant event name and ids in `extra`; never a phone number, a code or a text of a complaint.
"""

import re

import structlog

# Where a mistake of ours or a database's error text would still carry a number.
PHONE = re.compile(r"(?<!\d)(?:\+?91[ -]?)?[6-9]\d{4}[ -]?\d{5}(?!\d)")


def without_what_people_typed(_logger, _method, event: dict) -> dict:
    """Addresses without their query, and no phone number wherever it stands."""
    if "request" in event:
        event["request"] = str(event["request"]).partition("?")[0]
    return {name: PHONE.sub("…", value) if isinstance(value, str) else value for name, value in event.items()}


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_what_people_typed,
]

structlog.configure(
    processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
            "foreign_pre_chain": SHARED,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django_structlog": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
    },
}
