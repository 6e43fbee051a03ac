"""The database as Django connects to it (`ENGINE` in the settings)."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is looked at before each request without asking the server anything."""

    def is_usable(self) -> bool:
        """Between two requests a server that lives says nothing: what is there to read is its farewell, or the end
        of the line. Only then it is asked, as Django asks it before every request."""
        if self.connection is None or self.connection.closed:
            return False
        return not _has_words(self.connection) or super().is_usable()


def _has_words(connection) -> bool:
    watch = select.poll()
    watch.register(connection, select.POLLIN)
    return bool(watch.poll(0))
