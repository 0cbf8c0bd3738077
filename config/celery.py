"""The Celery application: workers and beat. Tasks live in each app's ``tasks.py`` and make one call each.

The broker may lose everything at any time: what waits stands in rows, and a beat tick takes it up. So a message is
acknowledged early, its result is ignored, and publishing is tried once.
"""

import os

from celery import Celery
from celery.signals import beat_init, celeryd_init

from config import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("loyalty")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def start_servers(**kwargs: object) -> None:
    embedded.ensure()
