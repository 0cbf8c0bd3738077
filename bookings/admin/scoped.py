"""The base of every screen: nobody sees, chooses or saves another property group's rows.

| where                                  | what                                                              |
|----------------------------------------|-------------------------------------------------------------------|
| lists, autocomplete, change and delete | the rows of ``access.limit``; another's id answers "not found"    |
| choices of a form, and what it takes   | the same rows; what was not offered is refused when it is sent    |
| a property, on a row of the group      | any property of the group: the row is the group's                 |
| choices of a filter                    | the same rows (``ScopedFilter``)                                  |
| rows that belong together              | are of one property group, whoever saves them                     |
"""

from typing import Any, ClassVar, NoReturn, cast

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Field, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.contrib.filters.admin import RelatedDropdownFilter

from bookings import access, tenancy
from bookings.models import Property, PropertyGroup, User
from config.extranet import ViewOnlyAdmin


def staff(request: HttpRequest) -> User:
    """Who is logged in: the site lets nobody else reach a screen."""
    return cast(User, request.user)


def choices(rows: QuerySet[Any], *, request: HttpRequest, edited: type[Model]) -> QuerySet[Any]:
    """Of these rows, those that may be chosen on a row of the model ``edited``."""
    if rows.model is Property and not hasattr(edited, "PROPERTY_PATH"):
        return rows.filter(group__in=access.groups_of(request.user).values("pk"))
    return access.limit(rows, user=request.user)


class OneGroupForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        rows = [value for value in cleaned.values() if isinstance(value, Model)]
        if not tenancy.in_one_group([*rows, self.instance] if self.instance.pk else rows):
            raise ValidationError(
                _("What you chose belongs to different property groups: choose from one group.")
            )
        return cleaned


class Scoped:
    """For screens and for inlines."""

    model: Any

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return access.limit(super().get_queryset(request), user=request.user)  # type: ignore[misc]  # a mixin's super()

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin's super()
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            field.queryset = choices(field.queryset, request=request, edited=self.model)
        return field


class ScopedScreen(Scoped):
    list_per_page = 50
    show_full_result_count = False
    ordering: ClassVar[Any] = ("-pk",)
    actions: Any = None
    list_filter_submit = True
    compressed_fields = True

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Who works for one group is not asked for it; what is sent is checked all the same."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        rows = field.queryset if isinstance(field, forms.ModelChoiceField) else None
        if field is not None and rows is not None and rows.model is PropertyGroup:
            groups = list(rows[:2])
            if len(groups) == 1:
                field.initial = groups[0].pk
                field.widget = forms.HiddenInput()
        return field

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        raise Http404(_("There is no %(name)s %(id)s.") % {"name": opts.verbose_name, "id": object_id})


class ScopedAdmin(ScopedScreen, ModelAdmin):
    form = OneGroupForm
    warn_unsaved_form = True


class ScopedHistoryAdmin(ScopedScreen, SimpleHistoryAdmin, ModelAdmin):
    """For configuration: who changed which setting, when. History is looked at; nothing is put back from
    it."""

    form = OneGroupForm
    warn_unsaved_form = True

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self._find(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        self._find(request, object_id)
        if request.method != "GET":
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def _find(self, request: HttpRequest, object_id: str) -> None:
        if self.get_object(request, object_id) is None:
            self._get_obj_does_not_exist_redirect(request, self.opts, object_id)


class ScopedViewOnlyAdmin(ScopedScreen, ViewOnlyAdmin):
    pass


class ScopedTabular(Scoped, TabularInline):
    form = OneGroupForm
    extra = 0
    hide_title = True


class ScopedStacked(Scoped, StackedInline):
    form = OneGroupForm
    extra = 0


class ScopedFilter(RelatedDropdownFilter):
    """A filter by another row: offers what the user may see. Hidden when there is nothing to choose from."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        rows = field.remote_field.model._default_manager.order_by("pk")
        return [(row.pk, str(row)) for row in choices(rows, request=request, edited=model_admin.model)]
