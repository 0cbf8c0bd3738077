"""Who logs in: staff by e-mail address, machines as an OAuth application that is bound to one property group."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email=email, password=password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # AbstractApplication's
    """A person who logs in by e-mail. What a staff user may see is said by staff assignments (``access.py``)."""

    email = models.EmailField(
        _("e-mail"), unique=True, help_text=_("The log-in name; upper and lower case are the same.")
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May log in to this extranet."))
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Switch off instead of deleting: the history keeps who did what."),
    )
    date_joined = models.DateTimeField(_("date joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("A user with this e-mail address already exists."),
            )
        ]

    def __str__(self) -> str:
        return self.email

    @cached_property
    def works_nowhere(self) -> bool:
        """A staff user whom nobody has assigned to a hotel or group yet sees no rows at all."""
        return not self.is_superuser and not self.assignments.exists()


class ApiClient(AbstractApplication):
    """A booking engine, PMS or other machine that speaks to the API. It reads and writes one property group's rows."""

    GROUP_PATH = "property_group"

    property_group = models.ForeignKey(
        "bookings.PropertyGroup", models.PROTECT, related_name="api_clients", verbose_name=_("property group")
    )

    class Meta(AbstractApplication.Meta):
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")

    def __str__(self) -> str:
        return self.name or self.client_id
