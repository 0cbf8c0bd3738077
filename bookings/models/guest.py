"""Guests (profiles): people, companies, travel agents, sources and groups."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from bookings.models.property import PropertyGroup
from bookings.models.source import Source


class Guest(models.Model):
    """A profile of a property group. A person with accounts at two groups is two guests."""

    GROUP_PATH = "group"

    class Kind(models.TextChoices):
        INDIVIDUAL = "individual", _("Individual")
        COMPANY = "company", _("Company")
        TRAVEL_AGENT = "travel_agent", _("Travel agent")
        SOURCE = "source", _("Source")
        GROUP = "group", _("Group")

    group = models.ForeignKey(
        PropertyGroup, models.PROTECT, related_name="guests", verbose_name=_("property group")
    )
    kind = models.CharField(_("profile kind"), max_length=20, choices=Kind, default=Kind.INDIVIDUAL)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(
        _("last name"),
        max_length=150,
        blank=True,
        help_text=_("For a company, agent, source or group: its name."),
    )
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(
        _("phone"),
        max_length=20,
        blank=True,
        help_text=_("With country code, such as +4915123456789 (E.164)."),
    )
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Language code, such as en or de.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(phone="") | models.Q(phone__regex=r"^\+[1-9][0-9]{5,14}$"),
                name="guest_phone_is_e164",
                violation_error_message=_(
                    "Write the phone with its country code and digits only, such as +4915123456789."
                ),
            )
        ]
        indexes = [
            models.Index("group", Lower("email"), name="guest_email", condition=~models.Q(email="")),
            models.Index(
                "group",
                "kind",
                Lower("last_name"),
                name="guest_profile_name",
                condition=~models.Q(kind="individual"),
            ),
            models.Index("group", "phone", name="guest_phone", condition=~models.Q(phone="")),
        ]

    def __str__(self) -> str:
        return self.full_name or _("Guest %(id)s") % {"id": self.pk}

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class GuestExternalId(models.Model):
    """What a source calls this guest: the profile id in the PMS, the account in the booking engine."""

    GROUP_PATH = "group"

    group = models.ForeignKey(
        PropertyGroup, models.PROTECT, related_name="+", verbose_name=_("property group")
    )
    guest = models.ForeignKey(Guest, models.PROTECT, related_name="external_ids", verbose_name=_("guest"))
    source = models.CharField(_("source"), max_length=20, choices=Source)
    external_id = models.CharField(_("external id"), max_length=80)

    class Meta:
        verbose_name = _("external id")
        verbose_name_plural = _("external ids")
        constraints = [
            models.UniqueConstraint(
                fields=["group", "source", "external_id"], name="guest_external_id_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.external_id}"
