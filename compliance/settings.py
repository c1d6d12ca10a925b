"""All settings. What varies between installations is read from the environment; see deploy/env.example."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import environ
from bootstrap_wrapper import get_bootstrap_dir
from django.core.exceptions import ImproperlyConfigured

from compliance.core import timings
from compliance.core.secrets import made_once
from compliance.core.timings import Timings

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()


def _given(name: str, default: str) -> str:
    """A setting as text; an empty one counts as not given."""
    given: str = env.str(name, "")
    return given or default


# Where the installation keeps its files: the SQLite database, its secrets, collected static files.
VAR_DIR = Path(_given("VAR_DIR", str(BASE_DIR / "var")))
# Invented people without a second factor, a sandbox instead of Pendo. Loopback only.
DEMO = env.bool("DEMO", False)

# -- Database ----------------------------------------------------------------------------------------------

DATABASES = {
    "default": env.db_url_config(_given("DATABASE_URL", f"sqlite:///{VAR_DIR / 'erasure-desk.sqlite3'}"))
}
ON_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if ON_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that will write says so at its start: no deadlock between two that read first.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # secure_delete: a forgotten value is overwritten in the file, not merely unlinked.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"
        ),
    }
else:
    # The queue polls the database several times a second: a connection each time costs 4 to 16 times.
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Secrets -----------------------------------------------------------------------------------------------


def _secret(name: str) -> str:
    """A secret from the environment; on SQLite made once, elsewhere needed to start."""
    given = _given(name, "")
    if given:
        return given
    if not ON_SQLITE:
        raise ImproperlyConfigured(
            f"{name} is not set. Set {name} or {name}_FILE (deploy/env.example says how to make one)."
        )
    try:
        return made_once(name, VAR_DIR / "secrets")
    except OSError as error:
        raise ImproperlyConfigured(
            f"{VAR_DIR} cannot be written ({error.strerror}). Make it writable, or set VAR_DIR."
        ) from error


SECRET_KEY = _secret("SECRET_KEY")
ENCRYPTION_KEYS = _secret("ENCRYPTION_KEYS")
DIGEST_KEYS = _secret("DIGEST_KEYS")
# Administrators are told on screen: whoever loses these files loses every sealed value with them.
SECRETS_MADE_HERE = not _given("ENCRYPTION_KEYS", "")

# -- Where we are reached, and what we reach ---------------------------------------------------------------

# Without a slash at its end: Django compares it with the Origin of forms letter by letter.
PUBLIC_URL = _given("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# The address that the web server listens at, and how many processes it has.
BIND = _given("BIND", "127.0.0.1")
WEB_WORKERS = env.int("WEB_WORKERS", 2)
_HTTPS = urlsplit(PUBLIC_URL).scheme == "https"
# Whoever shows it may read /metrics; without one, nobody may.
METRICS_TOKEN = _given("METRICS_TOKEN", "").strip()
# Only the sandbox and tests talk to another host than Pendo's.
PENDO_ALLOW_CUSTOM_URL = env.bool("PENDO_ALLOW_CUSTOM_URL", DEMO)
# Networks of our own in which receivers of webhooks stand; elsewhere their addresses have to be public.
WEBHOOK_PRIVATE_NETWORKS = env.list("WEBHOOK_PRIVATE_NETWORKS", default=[])
# Days that Pendo may take to complete a deletion (Pendo support 13857784403611).
PENDO_COMPLETION_DAYS = env.int("PENDO_COMPLETION_DAYS", 21)
# A file with what a request asks: its most bytes, and the most distinct ids in it.
UPLOAD_MOST_BYTES = env.int("UPLOAD_MOST_BYTES", 200 * 1024**2)
UPLOAD_MOST_IDS = env.int("UPLOAD_MOST_IDS", 2_000_000)
# Calls that an API token may make in a minute, and requests that all tokens of one owner may open in an hour.
API_CALLS_A_MINUTE = env.int("API_CALLS_A_MINUTE", 600)
API_REQUESTS_AN_HOUR = env.int("API_REQUESTS_AN_HOUR", 100)
TIMINGS = Timings.from_json(_given("TIMINGS", timings.DEMO if DEMO else "{}"))

vars().update(env.email_url_config(_given("EMAIL_URL", "consolemail://")))
if DEMO and not _given("EMAIL_URL", ""):
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = _given("DEFAULT_FROM_EMAIL", "Erasure Desk <erasure-desk@localhost>")

# -- Application -------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "auditlog",
    "csp",
    "django_htmx",
    "django_q",
    "compliance.core",
    "compliance.audit",
    "compliance.people",
    "compliance.subscriptions",
    "compliance.workflow",
    "compliance.execution",
    "compliance.intake",
    "compliance.notifications",
    "compliance.evidence",
    "compliance.dashboard",
    "compliance.demo",
    "compliance.cleanup",
    "compliance.sandbox",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "compliance.people.middleware.SecondFactorMiddleware",
    "compliance.audit.middleware.ChangeRecordMiddleware",
]
# A request names up to 10,000 ids of up to 1 KB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
ROOT_URLCONF = "compliance.urls"
WSGI_APPLICATION = "compliance.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "compliance.dashboard.context.shell",
                "compliance.demo.context.demo_people",
            ],
        },
    },
]
LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
# The controller's establishment: receipt dates and deadlines are days there.
TIME_ZONE = _given("TIME_ZONE", "UTC")

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "templates" / "assets",
    ("bootstrap", get_bootstrap_dir()),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# The rate limits of the log-in must count over all processes and machines.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"},
}

# -- Background work (retry > timeout, no saved successes, our rows do the retrying) -----------------------

Q_CLUSTER = {
    "name": "erasure-desk",
    "orm": "default",
    "workers": env.int("WORKERS", 2),
    "queue_limit": 2,
    "bulk": 1,
    "timeout": TIMINGS.task_timeout,
    "retry": TIMINGS.task_timeout * 5,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": -1,
    "poll": 0.2,
    "recycle": 500,
}
# What the supervisor puts into the queue, and how often (seconds). The first one is the heartbeat.
PERIODIC_TASKS = {
    "compliance.execution.tasks.tick": TIMINGS.tick,
    "compliance.notifications.tasks.deliver": 10.0,
    "compliance.notifications.tasks.tell": 5.0,
    "compliance.notifications.tasks.forget_messages": 3600.0,
    "compliance.intake.tasks.expire_drafts": 3600.0,
    "compliance.people.tasks.forget_answers": 3600.0,
    "compliance.people.tasks.end_expired_roles": 300.0,
    "compliance.subscriptions.tasks.look_after_keys": TIMINGS.key_care,
    "compliance.execution.tasks.look_after_reach": 600.0,
    "compliance.execution.tasks.watch": TIMINGS.watch_care,
    "compliance.workflow.tasks.look_after_holds": TIMINGS.hold_care,
    "compliance.intake.tasks.look_after_uploads": 5.0,
    "compliance.workflow.tasks.remind": 300.0,
    "compliance.cleanup.tasks.move_on": TIMINGS.tick,
    "compliance.cleanup.tasks.start_due": 15.0,
    "compliance.cleanup.tasks.look_after": 3600.0,
}

# -- People and log-in -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "compliance.people.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Erasure Desk"
MFA_ADAPTER = "compliance.people.adapter.SecondFactorAdapter"

# -- Browser -----------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # Bootstrap's form icons and the QR code of the second factor are data: images.
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS and TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"

# -- Change records (django-auditlog): what people configure; see compliance/audit/register.py -------------

AUDITLOG_INCLUDE_ALL_MODELS = False
AUDITLOG_STORE_JSON_CHANGES = True
AUDITLOG_MASK_CALLABLE = "compliance.audit.register.masked"

# -- Logs: to standard error, without personal data --------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "redact": {"()": "compliance.core.redaction.RedactingFilter"},
        "refusals": {"()": "compliance.core.log_filters.RefusalFilter"},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"filters": ["refusals"]},
        "django-q": {"handlers": [], "level": "WARNING", "propagate": True},
        # httpx writes whole addresses, and with them encoded ids, at INFO.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
