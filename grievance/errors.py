"""What can be wrong with a change of a complaint; pages and API turn these into words and codes."""

from collections.abc import Iterator

from django.utils.translation import gettext as _


class ChangeRefused(Exception):
    """A change that was not made. Nothing was written."""


class NotAllowedNow(ChangeRefused):
    """The complaint's state does not allow the action. `allowed` names the actions that are."""

    def __init__(self, action: str, state: str, allowed: list[str]):
        super().__init__(_("This cannot be done now."))
        self.action, self.state, self.allowed = action, state, allowed


class NotPermitted(ChangeRefused):
    """The actor has no right to the action."""

    def __init__(self):
        super().__init__(_("You may not do this."))


class ChangedMeanwhile(ChangeRefused):
    """Someone else changed the complaint since the page was shown. `events` are what happened."""

    def __init__(self, events):
        super().__init__(_("Someone changed this complaint while you were writing."))
        self.events = events


class Invalid(ChangeRefused):
    """What was given does not do. `errors` maps a field's name to a message."""

    def __init__(self, **errors):
        super().__init__("; ".join(_messages(errors)))
        self.errors = errors


def _messages(errors) -> Iterator[str]:
    """All messages in a nest of errors; the answers to a category's questions have one each."""
    for message in errors.values():
        if isinstance(message, dict):
            yield from _messages(message)
        else:
            yield str(message)


class KeyReused(ChangeRefused):
    """The idempotency key was used before for something else."""

    def __init__(self):
        super().__init__(_("This Idempotency-Key was used before with other content."))
