"""All settings. Everything that differs between machines comes from the environment (README, "Settings"), is read by
the typed readers of ``env.py``, and has a default that works for ``make demo``. Loading this file starts nothing.
"""

import warnings
from pathlib import Path

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config import embedded, env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where this runs -------------------------------------------------------------------------------------------------
DATABASE = env.database("DATABASE_URL")
SECRET_KEY = env.secret_key("SECRET_KEY", needed=DATABASE is not None)
DEBUG = env.flag("DEBUG", default=False)
HTTPS = env.flag("HTTPS", default=False)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", default=[])

SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", default=False) else None
)
SESSION_COOKIE_HTTPONLY = True

# --- Applications ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "config.apps.ExtranetConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "oauth2_provider",
    "simple_history",
    "bookings.apps.BookingsConfig",
    "loyalty.apps.LoyaltyConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
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
            ]
        },
    }
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
X_FRAME_OPTIONS = "DENY"

# --- Data ------------------------------------------------------------------------------------------------------------
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", **(DATABASE or embedded.database_settings())}
}
DATABASES["default"]["NAME"] = env.text("DB_NAME") or DATABASES["default"]["NAME"]
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# When a client dies in the middle of a statement, the server notices in half a second and frees its locks.
DATABASE_OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
DATABASE_OPTIONS["options"] = (
    f"{DATABASE_OPTIONS.get('options', '')} -c client_connection_check_interval=500".strip()
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss", "unix"), default="")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL or embedded.cache_url(),
    }
}

# --- People ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "bookings.User"
OAUTH2_PROVIDER_APPLICATION_MODEL = "bookings.ApiClient"
# Machines use client credentials alone; what RFC 9700 discourages is off.
OAUTH2_PROVIDER = {
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}
LOGIN_URL = reverse_lazy("admin:login")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- Workers and schedule --------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.url(
    "CELERY_BROKER_URL",
    schemes=("redis", "rediss", "redis+socket", "amqp", "amqps"),
    default=REDIS_URL or embedded.broker_url(),
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
# Stays a chunk of calculate points, chosen by measuring (make bench): larger gains nothing, smaller costs round trips.
CALCULATION_CHUNK_SIZE = env.integer("CALCULATION_CHUNK_SIZE", default=2000, least=1, most=50_000)

# --- Language, time, files -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Until collectstatic has run, static files come from the apps; WhiteNoise need not warn of the empty folder.
WHITENOISE_USE_FINDERS = not STATIC_ROOT.exists()
warnings.filterwarnings("ignore", "No directory at", UserWarning)

LOG_LEVEL = env.choice(
    "LOG_LEVEL", accepted=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="INFO"
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

# --- The staff extranet ----------------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": _("Guest loyalty"),
    "SITE_HEADER": _("Guest loyalty"),
    "SITE_SUBHEADER": _("Property extranet"),
    "SITE_SYMBOL": "loyalty",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("bookings/extranet.css")],
    "SCRIPTS": [
        lambda request: static("loyalty/tooltips.js"),
        lambda request: static("loyalty/job_progress.js"),
    ],
    "DASHBOARD_CALLBACK": "loyalty.admin.start_page.figures",
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "config.extranet.sidebar"},
}
