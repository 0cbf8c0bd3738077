"""A membership type (Exely: loyalty programme) and its policies: each group of settings is a small model of its own."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bookings.models import PropertyGroup
from bookings.models.validators import validate_currency


class MembershipClass(models.Model):
    """A category of membership types; a booking takes one type of each class."""

    GROUP_PATH = "group"

    group = models.ForeignKey(
        PropertyGroup, models.PROTECT, related_name="membership_classes", verbose_name=_("property group")
    )
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=100)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("membership class")
        verbose_name_plural = _("membership classes")
        constraints = [models.UniqueConstraint(fields=["group", "code"], name="membership_class_code_unique")]

    def __str__(self) -> str:
        return self.name


class MembershipType(models.Model):
    GROUP_PATH = "group"

    class Kind(models.TextChoices):
        POINTS = "points", _("Points")
        DISCOUNTS = "discounts", _("Discounts")
        EXTERNAL = "external", _("External (validated and passed on)")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVATED = "activated", _("Activated")

    group = models.ForeignKey(
        PropertyGroup, models.PROTECT, related_name="membership_types", verbose_name=_("property group")
    )
    membership_class = models.ForeignKey(
        MembershipClass, models.PROTECT, related_name="membership_types", verbose_name=_("membership class")
    )
    code = models.CharField(
        _("code"),
        max_length=20,
        validators=[RegexValidator(r"^[A-Z0-9_]+$", _("Use capitals, digits and _ only, such as STAY."))],
        help_text=_("Named in commands, in the API and by the PMS. Cannot be changed later."),
    )
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.POINTS)
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=State,
        default=State.DRAFT,
        help_text=_("A draft earns nothing yet."),
    )
    inactive = models.BooleanField(
        _("inactive"),
        default=False,
        help_text=_("No enrolling, earning or spending any more. Balances, history and expiry go on."),
    )
    points_label = models.CharField(
        _("points label"),
        max_length=40,
        default="points",
        help_text=_("The programme's own word, such as Miles."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        validators=[validate_currency],
        help_text=_("Earnings are counted in this currency."),
    )
    display_sequence = models.PositiveSmallIntegerField(_("display sequence"), default=10)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("membership type")
        verbose_name_plural = _("membership types")
        constraints = [models.UniqueConstraint(fields=["group", "code"], name="membership_type_code_unique")]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    @property
    def earns(self) -> bool:
        return self.state == self.State.ACTIVATED and not self.inactive


class Policy(models.Model):
    """One group of a membership type's settings."""

    GROUP_PATH = "membership_type__group"

    membership_type = models.OneToOneField(
        MembershipType,
        models.CASCADE,
        primary_key=True,
        related_name="%(class)s",
        verbose_name=_("membership type"),
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} · {self.membership_type.code}"


class CardPolicy(Policy):
    """How this type's card numbers are made: prefix, running number, check digit."""

    membership_type = models.OneToOneField(
        MembershipType,
        models.CASCADE,
        primary_key=True,
        related_name="cards",
        verbose_name=_("membership type"),
    )
    prefix = models.CharField(
        _("prefix"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^[0-9]*$", _("Digits only: the check digit is worked out over them."))],
    )
    length = models.PositiveSmallIntegerField(
        _("length"),
        default=10,
        validators=[MinValueValidator(4), MaxValueValidator(99)],
        help_text=_("Digits in all, with the prefix and the check digit (Luhn) at the end."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("card number")
        verbose_name_plural = _("card numbers")


class CardSequence(models.Model):
    """The last running number given out. A row of its own: entries refer to the type, which must stay still."""

    GROUP_PATH = "membership_type__group"

    membership_type = models.OneToOneField(
        MembershipType,
        models.CASCADE,
        primary_key=True,
        related_name="card_sequence",
        verbose_name=_("membership type"),
    )
    last_number = models.PositiveBigIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("card sequence")
        verbose_name_plural = _("card sequences")

    def __str__(self) -> str:
        return str(self.last_number)


class CalculationPolicy(Policy):
    """When a completed stay is calculated, which sources earn, and how points are rounded."""

    class Rounding(models.TextChoices):
        DOWN = "down", _("Down")
        HALF_UP = "half_up", _("Half up")
        UP = "up", _("Up")

    membership_type = models.OneToOneField(
        MembershipType,
        models.CASCADE,
        primary_key=True,
        related_name="calculation",
        verbose_name=_("membership type"),
    )
    delay_days = models.PositiveSmallIntegerField(
        _("delay in days"),
        default=5,
        validators=[MaxValueValidator(60)],
        help_text=_("Days after check-out before a stay is calculated: 0 to 60."),
    )
    rounding = models.CharField(
        _("rounding"),
        max_length=10,
        choices=Rounding,
        default=Rounding.DOWN,
        help_text=_("Points are whole numbers."),
    )
    exchange_type = models.CharField(
        _("exchange type"),
        max_length=20,
        default="LOYALTY",
        help_text=_("Which exchange rates turn a property's money into the programme's currency."),
    )
    reward_pms = models.BooleanField(
        _("reward points for bookings from PMS"),
        default=True,
        help_text=_("On: where the PMS reports a booking, its word decides."),
    )
    reward_channel = models.BooleanField(
        _("reward points for bookings from Channel Manager"),
        default=False,
        help_text=_("The member is found by the phone number on the booking."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("points calculation")
        verbose_name_plural = _("points calculation")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(delay_days__lte=60),
                name="delay_days_up_to_60",
                violation_error_message=_("The delay is 0 to 60 days."),
            )
        ]


class ExpiryPolicy(Policy):
    """How long points can be used."""

    membership_type = models.OneToOneField(
        MembershipType,
        models.CASCADE,
        primary_key=True,
        related_name="expiry",
        verbose_name=_("membership type"),
    )
    months = models.PositiveSmallIntegerField(
        _("months to expire"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text=_(
            "Points earned on 15 March with 12 months can be used through 14 March. Empty: they never expire."
        ),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("points expiry")
        verbose_name_plural = _("points expiry")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(months__isnull=True) | models.Q(months__gte=1, months__lte=600),
                name="expiry_months_1_to_600",
                violation_error_message=_("Points expire after 1 to 600 months, or never (empty)."),
            )
        ]


class LevelPolicy(Policy):
    """What moves a member up (Exely 289413: money, nights, money or nights). Lifetime earnings count."""

    class Measure(models.TextChoices):
        NIGHTS = "nights", _("Nights")
        MONEY = "money", _("Money")
        EITHER = "either", _("Money or nights, whichever comes first")

    membership_type = models.OneToOneField(
        MembershipType,
        models.CASCADE,
        primary_key=True,
        related_name="level_policy",
        verbose_name=_("membership type"),
    )
    measure = models.CharField(_("earnings type"), max_length=10, choices=Measure, default=Measure.NIGHTS)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("levels by")
        verbose_name_plural = _("levels by")
