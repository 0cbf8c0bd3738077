"""Beat's entries, made on ``post_migrate``. Staff edit them in the extranet, so an entry that is there stays as it is."""

from django_celery_beat.models import IntervalSchedule, PeriodicTask

# Name, task, every so many seconds. An unused tick expires before the next one, so that ticks never pile up.
TICKS = [("Take up what waits", "loyalty.tasks.take_up_what_waits", 15)]


def make_entries() -> None:
    for name, task, seconds in TICKS:
        if not PeriodicTask.objects.filter(name=name).exists():
            every, _ = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
            PeriodicTask.objects.create(name=name, task=task, interval=every, expire_seconds=seconds)
