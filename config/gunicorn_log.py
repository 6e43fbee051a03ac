"""gunicorn's own lines in the same words as all others: JSON, and nothing of what a request carried."""

from gunicorn.glogging import Logger as GunicornLogger

from .logs import formatter


class Logger(GunicornLogger):
    def setup(self, cfg) -> None:
        """Called when gunicorn starts and when it reads its configuration anew."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter())
