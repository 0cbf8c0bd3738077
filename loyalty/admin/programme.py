"""Membership classes and types: a type's settings in tabs, its levels, and the button that activates a
draft."""

from typing import Any

from django import forms
from django.contrib import admin
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter

from bookings.admin.forms import form_page
from bookings.admin.looks import button, labelled
from bookings.admin.records import Column, Panel, day, link, list_link, may_view
from bookings.admin.scoped import (
    OneGroupForm,
    ScopedFilter,
    ScopedHistoryAdmin,
    ScopedStacked,
    ScopedTabular,
    staff,
)
from loyalty import activation, stays
from loyalty.models import (
    CalculationPolicy,
    CardPolicy,
    EarningRule,
    ExpiryPolicy,
    Level,
    LevelPolicy,
    MembershipClass,
    MembershipType,
)

DECIDES_STAYS = {"inactive"}  # and the calculation settings: other settings leave the Stay rows as they are


@admin.register(MembershipClass)
class MembershipClassAdmin(ScopedHistoryAdmin):
    list_display = ("name", "code", "group")
    list_filter = (("group", ScopedFilter),)
    list_select_related = ("group",)
    search_fields = ("name", "code")
    fields = ("group", "code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("group",) if obj else ()


class PolicyForm(OneGroupForm):
    def has_changed(self) -> bool:
        """A new type gets its settings saved even where every value is the proposed one."""
        return self.instance._state.adding or super().has_changed()


class PolicyInline(ScopedStacked):
    form = PolicyForm
    min_num = max_num = 1
    can_delete = False
    tab = True
    hide_title = True


class CardInline(PolicyInline):
    model = CardPolicy


class CalculationInline(PolicyInline):
    model = CalculationPolicy
    fields = (("delay_days", "rounding"), "exchange_type", "reward_pms", "reward_channel")


class ExpiryInline(PolicyInline):
    model = ExpiryPolicy


class LevelPolicyInline(PolicyInline):
    model = LevelPolicy

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Exely 289413: once connected, the accumulation type cannot be changed."""
        return ("measure",) if _is_activated(obj) else ()


class LevelInline(ScopedTabular):
    model = Level
    tab = True
    ordering = ("rank",)
    fields = ("rank", "code", "name", "threshold_nights", "threshold_money")


def _is_activated(obj: MembershipType | None) -> bool:
    return obj is not None and obj.state == MembershipType.State.ACTIVATED


def rules(request: HttpRequest, membership_type: MembershipType) -> Panel | None:
    if not may_view(request, EarningRule):
        return None
    rows = membership_type.earning_rules.order_by("-valid_from", "-pk")[:50]
    return Panel(
        title=_("Earning rules"),
        columns=[
            Column(_("Rule")),
            Column(_("Kind")),
            Column(_("Method")),
            Column(_("Valid from")),
            Column(_("Until")),
        ],
        rows=[
            (
                link(request, rule),
                rule.get_kind_display(),
                rule.get_method_display(),
                day(rule.valid_from),
                day(rule.valid_until) if rule.valid_until else _("Open"),
            )
            for rule in rows
        ],
        empty=_("Nothing is earned yet: add an earning rule, then activate the programme."),
        more=list_link(
            EarningRule, f"membership_type__id__exact={membership_type.pk}", _("All earning rules")
        ),
    )


@admin.register(MembershipType)
class MembershipTypeAdmin(ScopedHistoryAdmin):
    list_display = ("name", "code", "group", "kind", "standing", "points_label", "currency", "inactive")
    list_filter = (
        ("group", ScopedFilter),
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("inactive", BooleanRadioFilter),
    )
    list_select_related = ("group",)
    search_fields = ("name", "code")
    autocomplete_fields = ("membership_class",)
    inlines = (LevelInline, CalculationInline, ExpiryInline, CardInline, LevelPolicyInline)
    actions_detail = ("activate",)
    change_form_outer_after_template = "admin/panels.html"
    fieldsets = (
        (None, {"fields": ("group", "membership_class", ("code", "name"), "description")}),
        (gettext_lazy("Points"), {"fields": (("kind", "currency"), "points_label")}),
        (gettext_lazy("Standing"), {"fields": ("state", "inactive", "display_sequence")}),
    )

    @labelled(
        description=gettext_lazy("state"),
        colours={MembershipType.State.DRAFT: "warning", MembershipType.State.ACTIVATED: "success"},
    )
    def standing(self, row: MembershipType) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("state",)
        fixed = ("state", "group", "code")
        return (*fixed, "membership_class", "kind", "currency") if _is_activated(obj) else fixed

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_activated(obj) and super().has_delete_permission(request, obj)

    def has_activate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """The button stands on drafts only."""
        draft = MembershipType.objects.filter(pk=object_id, state=MembershipType.State.DRAFT)
        return self.has_change_permission(request) and draft.exists()

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        calculation = any(
            formset.model is CalculationPolicy and formset.has_changed() for formset in formsets
        )
        if change and (calculation or DECIDES_STAYS & set(form.changed_data)):
            stays.reconsider(membership_type=form.instance)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        if obj := kwargs.get("obj"):
            context["panels"] = [panel for panel in (rules(request, obj),) if panel]
        return super().render_change_form(request, context, *args, **kwargs)

    @button(
        description=gettext_lazy("Activate"),
        url_path="activate",
        icon="rocket_launch",
        permissions=["activate"],
    )
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        membership_type = self.get_object(request, object_id)
        if membership_type is None:
            raise Http404
        form = Form(request.POST if request.method == "POST" else None)
        back = reverse("admin:loyalty_membershiptype_change", args=[membership_type.pk])
        if request.method == "POST":
            try:
                activation.activate(membership_type=membership_type, by=staff(request))
            except activation.ActivationRefused as refused:
                form.is_valid()
                form.add_error(None, str(refused))
            else:
                self.message_user(
                    request,
                    _("%(type)s is activated: members can join and earn.") % {"type": membership_type},
                )
                return redirect(back)
        return form_page(
            request,
            form=form,
            title=_("Activate %(type)s") % {"type": membership_type},
            submit=_("Activate"),
            back=back,
            intro=_(
                "Guests can join and stays earn. Class, kind, currency and earnings type are fixed then."
            ),
        )
