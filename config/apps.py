"""Django's admin under our own site class: the staff extranet."""

from django.contrib.admin.apps import AdminConfig


class ExtranetConfig(AdminConfig):
    default_site = "config.extranet.ExtranetSite"
