"""The screens of this app, a module per screen family. Django looks for ``loyalty.admin``; importing the
modules registers their screens and appends their panels to the pages of ``bookings``."""

from loyalty.admin import calculate, earning_rules, jobs, ledger, members, programme, start_page, stays

__all__ = ["calculate", "earning_rules", "jobs", "ledger", "members", "programme", "start_page", "stays"]
