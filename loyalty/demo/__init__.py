"""The demo: a hotel group with a history, made through the product's own doors.

``story`` is the group, ``guests`` its people, ``drafts`` and ``stays`` what the sources say of their
bookings; ``load`` puts it all in by enrolment and intake, ``calculation`` runs the first job on a worker,
``summary`` counts, ``database`` keeps the demo's own database apart from everybody else's.

Everything comes from one seed and from the day of the first load (the day that has begun at every hotel),
so that the demo looks alive: guests are in house, others arrive tomorrow. The same day gives the same
numbers on every machine. What is loaded stays; on later days time goes on in it.
"""
