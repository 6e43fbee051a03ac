"""What gunicorn serves."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from .frames import with_room
from .garbage import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = with_room(get_wsgi_application())
# Not by whoever comes first: all that answers is loaded by now.
import_module("config.urls")
keep_what_is_loaded()
