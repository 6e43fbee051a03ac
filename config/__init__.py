"""The wiring. Importing it loads the Celery application, so that rings find their broker in every process."""

try:
    from .celery import app as celery_app
except ModuleNotFoundError:
    # The supervisor runs before it knows whether everything is installed, and says what is missing.
    celery_app = None

__all__ = ["celery_app"]
