"""Structured logs: one JSON object a line, with request and task ids, and nothing of what people wrote.

Log a constant event name and ids in `extra`; never a phone number, a code or a text of a complaint. An error is
logged by its kind and the lines of code it came through, never by its own words: a database's, or a parser's, may
hold a whole row of what a citizen filed.
"""

import logging
import re
import sys
import traceback

import structlog

# Where a mistake of ours, or an address, would still carry a number, a one-time password, or a link that judges.
PHONE = re.compile(r"(?<!\d)(?:\+?91[ -]?)?[6-9]\d{4}[ -]?\d{5}(?!\d)")
CODE = re.compile(r"(?<![\w.-])\d{6}(?![\w-])")
QUERY = re.compile(r"(/[^\s?]*)\?\S+")
LINK = re.compile(r"/v/[^/\s]+")


def without_words_of_errors(_logger, _method, event: dict) -> dict:
    """The error's kind and the way it took, from the first cause on."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if error is not None:
        event["error"] = _kind(error)
        event["exception"] = "\n".join(_way(error))
    for name, value in event.items():
        if isinstance(value, BaseException):
            event[name] = _kind(value)
    return event


def _way(error: BaseException) -> list[str]:
    """The lines of code of an error and its causes, each ended by the error's kind."""
    lines, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        lines = ["".join(traceback.format_tb(error.__traceback__)) + _kind(error), *lines]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


def _kind(error: BaseException) -> str:
    """`IntegrityError 23505 one_complaint_a_key`: of a database's error its code and the rule's name, no value."""
    cause = getattr(error.__cause__ or error, "diag", None)
    facts = [getattr(cause, "sqlstate", None), getattr(cause, "constraint_name", None)]
    return " ".join([type(error).__name__, *filter(None, facts)])


def of_celery(_logger, _method, event: dict) -> dict:
    """Celery's own line on a failed task repeats the error's words: its name and id say as much."""
    context = event.pop("data", None)
    if event.get("logger") == "celery.app.trace" and isinstance(context, dict):
        event |= {"event": "task_failed", "task": context.get("name"), "task_id": context.get("id")}
    return event


def without_what_people_typed(_logger, _method, event: dict) -> dict:
    """Addresses without their query or secret part, no number that could be a phone's, no one-time password."""
    event["event"] = CODE.sub("…", str(event.get("event", "")))
    return {name: _masked(value) for name, value in event.items()}


def _masked(value):
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(name): _masked(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(part) for part in value]
    return PHONE.sub("…", LINK.sub("/v/…", QUERY.sub(r"\1", str(value))))


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    of_celery,
    without_words_of_errors,
    without_what_people_typed,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

structlog.configure(
    # First: two lines are begun for each request, and most of them are below the level that is written.
    processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


# A library's warnings too are lines of the log.
logging.captureWarnings(capture=True)


def formatter() -> structlog.stdlib.ProcessorFormatter:
    """What turns a record of any logger into one line."""
    return structlog.stdlib.ProcessorFormatter(
        processor=structlog.processors.JSONRenderer(ensure_ascii=False), foreign_pre_chain=SHARED
    )


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": formatter}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django_structlog": {"level": "ERROR"},
        # It says of a failed task what Celery says itself.
        "django_structlog.celery": {"level": "CRITICAL"},
        "celery": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
    },
}
