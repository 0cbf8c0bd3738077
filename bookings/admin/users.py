"""Who logs in to the extranet, where each works, and the staff groups. Superusers only: who gives rights has
them all."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from bookings.admin.scoped import ScopedFilter, ScopedScreen, ScopedTabular
from bookings.models import StaffAssignment, User


class SuperuserOnly:
    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class ChangedUserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"  # the screen's fieldsets choose
        field_classes: dict[str, Any] = {}


class StaffAssignmentInline(ScopedTabular):
    model = StaffAssignment
    autocomplete_fields = ("group", "property")
    verbose_name = _("place of work")
    verbose_name_plural = _("works at")


@admin.register(User)
class UserAdmin(SuperuserOnly, ScopedScreen, DjangoUserAdmin, ModelAdmin):
    form = ChangedUserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    inlines = (StaffAssignmentInline,)
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "is_superuser", "last_login")
    list_filter = (
        ("is_active", BooleanRadioFilter),
        ("is_superuser", BooleanRadioFilter),
        ("groups", ScopedFilter),
    )
    search_fields = ("email", "name")
    filter_horizontal = ()
    autocomplete_fields = ("groups",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (
            _("What this person may do"),
            {
                "fields": ("is_active", "is_staff", "is_superuser", "groups"),
                "description": _(
                    "Staff groups say what, “works at” below says where. A superuser may do all."
                ),
            },
        ),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")},
        ),
    )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Where a new user works is said on the page that follows."""
        return super().get_inlines(request, obj) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # switch off "active" instead: the history keeps who did what


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(SuperuserOnly, ScopedScreen, DjangoGroupAdmin, ModelAdmin):
    ordering = ("name",)
    filter_horizontal = ("permissions",)
