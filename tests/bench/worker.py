"""One worker process that works what waits and prints its peak memory in MB."""

import resource

import django

django.setup()

from django.utils import timezone  # noqa: E402 - after setup

from loyalty.jobs import runner  # noqa: E402 - after setup

runner.plan_waiting(clock=timezone.now)
runner.work(clock=timezone.now)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
