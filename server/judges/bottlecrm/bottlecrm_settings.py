"""BottleCRM's own settings, but in a file of the judge's, without Redis and without workers."""

import os

os.environ.setdefault("ENV_TYPE", "dev")

from crm.settings import *  # noqa: E402, F403

CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://"
CELERY_RESULT_BACKEND = "cache+memory://"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "crm.sqlite3", "OPTIONS": {"timeout": 20}}}


class Straight(dict):
    """Tables come from the models: its four hundred migrations take minutes."""

    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


MIGRATION_MODULES = Straight()
