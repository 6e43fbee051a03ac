"""Settings: wiring only, every choice of an installation comes from the environment."""

import datetime
import re
from pathlib import Path

import environ
from celery.schedules import schedule
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from config import queues

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEMO = env.bool("SEVA_DEMO", False)
DEBUG = False
VAR_DIR = Path(env.str("SEVA_VAR", str(BASE_DIR / "var")))

SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set: give a random text of at least 50 characters in the environment."
    )
# Signs the event log's hash chain; kept apart from SECRET_KEY so that the latter can be changed freely.
LOG_KEY = env.str("LOG_KEY", "")
if not LOG_KEY:
    raise ImproperlyConfigured("LOG_KEY is not set: give a random text in the environment and never change it.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The address citizens know the portal by; links in messages begin with it.
BASE_URL = env.str("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
STATE_NAME = {"en": env.str("STATE_NAME_EN", "Himachal Pradesh"), "hi": env.str("STATE_NAME_HI", "हिमाचल प्रदेश")}
HELPLINE = env.str("HELPLINE", "1100")
# Office hours that deadlines count, and which Saturdays of a month are closed (Sundays are). A change counts when an
# administrator has looked at the deadlines it moves and put the calendar in force.
OFFICE_OPENS = datetime.time.fromisoformat(env.str("OFFICE_OPENS", "10:00"))
OFFICE_CLOSES = datetime.time.fromisoformat(env.str("OFFICE_CLOSES", "17:00"))
CLOSED_SATURDAYS = env.list("CLOSED_SATURDAYS", cast=int, default=[2])
if not (OFFICE_OPENS < OFFICE_CLOSES and set(CLOSED_SATURDAYS) <= {1, 2, 3, 4, 5}):
    raise ImproperlyConfigured("OFFICE_OPENS must come before OFFICE_CLOSES; CLOSED_SATURDAYS are numbers from 1 to 5.")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.admin_app.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "config.static_app.PortalStaticFilesConfig",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pghistory",
    "pgtrigger",
    "phonenumber_field",
    "rest_framework",
    "departments",
    "citizens",
    "grievance",
    "channels",
    "dashboards",
    "simulation",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.content_policy.ContentPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "config.compression.BrotliMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.input.RefuseNulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.history.ConfigurationHistoryMiddleware",
    "citizens.sessions.SessionLimitMiddleware",
    "citizens.second_factor.RequireSecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "config.rendering.GovukRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.portal",
            ]
        },
    }
]

# Data --------------------------------------------------------------------------------------------
# Behind PgBouncer in transaction pooling nothing may outlive a transaction, and a server takes no options at the start:
# the same stand in the database itself then (docs/scaling.md).
PGBOUNCER = env.bool("PGBOUNCER", False)
# The ORM's joins follow keys from the row that is sought; planning another order of nine tables took 7 ms where
# running the query took 0.2 ms. Nor does a page wait for helpers of its query to be started: that took longer than the
# query, and the cores have others to serve.
DATABASE_OPTIONS = (
    "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s -c join_collapse_limit=4"
    " -c max_parallel_workers_per_gather=0"
)
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"].update(
    ENGINE="config.postgres",
    CONN_MAX_AGE=env.int("CONN_MAX_AGE", 300),
    CONN_HEALTH_CHECKS=True,
    DISABLE_SERVER_SIDE_CURSORS=PGBOUNCER,
    OPTIONS={"connect_timeout": 5} | ({} if PGBOUNCER else {"options": DATABASE_OPTIONS}),
)
# A server that streams from the first: boards and figures are read there (grievance/replica.py).
if env.str("DATABASE_REPLICA_URL", ""):
    DATABASES["replica"] = DATABASES["default"] | env.db("DATABASE_REPLICA_URL", engine="config.postgres")
    DATABASES["replica"]["OPTIONS"] = DATABASES["default"]["OPTIONS"] | {"connect_timeout": 1}
    DATABASES["replica"]["TEST"] = {"MIRROR": "default"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    }
}
MEDIA_ROOT = VAR_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# Language and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "hi"
LANGUAGES = [("hi", "हिन्दी"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "Asia/Kolkata"
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "IN"
PHONENUMBER_DB_FORMAT = "E164"
PHONE_COUNTRY_CODES = [91]

# People ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "citizens.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "citizens.backends.StaffBackend"]
# Citizens are signed in by `citizens.sign_in` after a one-time password, with this backend on the session.
CITIZEN_BACKEND = "citizens.backends.CitizenBackend"
AUTHENTICATION_BACKENDS.append(CITIZEN_BACKEND)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "citizens.accounts.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Seva Sankalp"
# Writing at every page when it was seen would cost more than it tells.
USERSESSIONS_TRACK_ACTIVITY = False
# Staff need a second factor everywhere but in the demo.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", not DEMO)
STAFF_IDLE_SECONDS = env.int("STAFF_IDLE_SECONDS", 15 * 60 if not DEMO else 2 * 3600)
CITIZEN_IDLE_SECONDS = env.int("CITIZEN_IDLE_SECONDS", 30 * 60)
SESSION_LONGEST_SECONDS = env.int("SESSION_LONGEST_SECONDS", 10 * 3600)
MFA_ADAPTER = "citizens.accounts.StaffMFAAdapter"
ACCOUNT_FORMS = {"login": "citizens.staff_forms.StaffLoginForm"}
AXES_USERNAME_FORM_FIELD = "login"
AXES_CLIENT_IP_CALLABLE = "citizens.addresses.client_address"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "errors/locked_out.html"
# How many proxies of ours stand in front; only then X-Forwarded-For and -Proto are believed.
PROXY_COUNT = env.int("PROXY_COUNT", 0)

# The readers of the event log: which function takes the events, how many at once, and, where effects add up,
# which function undoes them all before a replay. The heart knows them only by these names.
READERS = {
    "search": {"handle": "grievance.search_index.take", "batch": 1000, "whole": False},
    "messages": {"handle": "channels.notices.make_deliveries"},
    "figures": {
        "handle": "dashboards.folding.add_up", "batch": 2000, "empty": "dashboards.folding.empty", "whole": False,
    },
}

# Channels ----------------------------------------------------------------------------------------
# The function that sends a one-time password; ground-floor code reaches the channels only by this name.
ONE_TIME_PASSWORD_SENDER = "channels.one_time_password.send"  # noqa: S105 - a function's name
# Which messages went out to a citizen: what must be shown before a complaint is closed in silence.
SENT_MESSAGES = "channels.sent.to_citizens"
MESSAGES_TO_COME = "channels.sent.are_to_come"
# kind of medium -> gateway class; the demo keeps messages for `manage.py outbox`.
GATEWAYS = {
    "sms": env.str(
        "SMS_GATEWAY", "channels.gateways.demo.DemoGateway" if DEMO else "channels.gateways.http.HttpSmsGateway"
    ),
    "email": env.str(
        "EMAIL_GATEWAY", "channels.gateways.demo.DemoGateway" if DEMO else "channels.gateways.email.EmailGateway"
    ),
}
# From when until when no SMS goes out that is not urgent ("21:00-08:00", the state's time), and how many messages
# a citizen gets a day at most (0: any number). Off in the demo, where people try things at night and many times.
QUIET_HOURS = env.str("QUIET_HOURS", "" if DEMO else "21:00-08:00")
if not re.fullmatch(r"|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", QUIET_HOURS):
    raise ImproperlyConfigured("QUIET_HOURS is not of the form 21:00-08:00; leave it empty for none.")
MESSAGES_A_DAY = env.int("MESSAGES_A_DAY", 0 if DEMO else 10)
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", "")
SMS_GATEWAY_KEY = env.str("SMS_GATEWAY_KEY", "")
SMS_SENDER_ID = env.str("SMS_SENDER_ID", "SEVASK")
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://localhost:25")
vars().update(EMAIL_CONFIG)
# Well below a delivery's lease.
EMAIL_TIMEOUT = 8
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "helpline@localhost")

# Celery: a doorbell, never the memory --------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
# No results, so nothing of them to tidy away every night.
CELERY_RESULT_EXPIRES = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 5000
# Celery closes no connection between tasks: `config.celery` replaces those that do not work any more.
CELERY_DB_REUSE_MAX = 1_000_000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 230_000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "health_check_interval": 25,
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0.2,
}
CELERY_TASK_DEFAULT_QUEUE = queues.SWEEPS
CELERY_TASK_ROUTES = queues.ROUTES
CELERY_IMPORTS = ["config.health", "config.watchdog"]
CELERY_BEAT_SCHEDULER = "config.beat.Beat"
# Beat extends its lock at every turn (config/beat.py).
CELERY_BEAT_MAX_LOOP_INTERVAL = 1


def _every(seconds: float, task: str, **more) -> dict:
    """A sweep of beat's. One that nobody took before the next was rung for is dropped, not heaped up."""
    options = {"expires": max(seconds, 10), **more.pop("options", {})}
    return {"task": task, "schedule": schedule(seconds), "options": options, **more}


CELERY_BEAT_SCHEDULE = {
    "route": _every(10, "grievance.tasks.route_registered"),
    "climb": _every(30, "grievance.tasks.climb_overdue"),
    "hand-over": _every(60, "grievance.tasks.hand_over"),
    "redate": _every(30, "grievance.tasks.redate"),
    "warn": _every(60, "grievance.tasks.warn_due"),
    "run-on": _every(300, "grievance.tasks.run_on_unanswered"),
    "remind": _every(300, "grievance.tasks.remind_of_verdict"),
    "close": _every(300, "grievance.tasks.close_in_silence"),
    "digests": _every(300, "channels.tasks.send_digests"),
    "follow": _every(5, "grievance.tasks.follow_readers"),
    "deliver-sms": _every(5, "channels.tasks.deliver_sms"),
    "deliver-email": _every(5, "channels.tasks.deliver_email"),
    "exports": _every(60, "grievance.tasks.write_exports"),
    "partitions": _every(3600, "channels.tasks.make_partitions"),
    "log-heads": _every(300, "grievance.tasks.make_log_heads"),
    "publish": _every(60, "dashboards.tasks.publish_figures"),
    "canary-worker": _every(10, "config.health.canary", args=["worker"], options={"queue": queues.ROUTING}),
    "canary-messenger": _every(10, "config.health.canary", args=["messenger"], options={"queue": queues.SMS}),
}

# API ---------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["channels.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["channels.api.parsing.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "channels.api.description.Description",
    "EXCEPTION_HANDLER": "channels.api.errors.handle",
    "NUM_PROXIES": PROXY_COUNT,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Seva Sankalp API",
    "DESCRIPTION": "Register complaints, follow them and act on them. `Authorization: Token …`.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "defaultModelsExpandDepth": 0},
    "ENUM_NAME_OVERRIDES": {
        "ComplaintKind": "grievance.models.Kind",
        "AreaKind": "departments.models.Area.Kind",
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
}

# Static files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# What people upload lies in a folder or, where several machines run the portal, in a private bucket of an object store
# that speaks S3; either way it is handed out by the portal alone, to whom `access` allows.
FILES_BUCKET = env.str("FILES_BUCKET", "")
FILES = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
if FILES_BUCKET:
    # Here, because every process would carry it.
    from botocore.config import Config as StoreConfig

    FILES = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": FILES_BUCKET,
            "endpoint_url": env.str("FILES_ENDPOINT", "") or None,
            "region_name": env.str("FILES_REGION", "") or None,
            "access_key": env.str("FILES_KEY", "") or None,
            "secret_key": env.str("FILES_SECRET", "") or None,
            "default_acl": None,
            "file_overwrite": False,
            # Stores of other makers know neither names of hosts for buckets nor Amazon's newer checksums.
            "client_config": StoreConfig(
                signature_version="s3v4", s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=20,
                request_checksum_calculation="when_required", response_checksum_validation="when_required",
            ),
        },
    }  # fmt: skip
STORAGES = {
    "default": FILES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Compressing is most of the first start: not what only a debugger asks for, and each file under one name alone.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Security ------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY = {
    "geolocation": "self",
    "camera": "self",
    "microphone": "self",
    "payment": [],
    "usb": [],
    "interest-cohort": [],
}

# Operation -----------------------------------------------------------------------------------------
# Who watches the portal sends it as `Authorization: Bearer …`; without one, only the demo answers, to its own machine.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# A request's id goes with the tasks it rings for. Ids are ours alone, and nobody's address is logged.
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_CORRELATION_ID = False

# Logs and the administration's look, each in a module of its own --------------------------------------
from config.administration import UNFOLD  # noqa: E402,F401
from config.logs import LOGGING  # noqa: E402,F401

# The demo's clock may be put ahead, before anything reads it.
if DEMO:
    from config import clock_ahead

    clock_ahead.apply(VAR_DIR)
