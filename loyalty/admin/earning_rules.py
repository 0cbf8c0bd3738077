"""Earning rules, with their rates by level and their chosen properties. What does not fit is said on the
form."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.forms import PaginationInlineFormSet

from bookings.admin.scoped import OneGroupForm, ScopedFilter, ScopedHistoryAdmin, ScopedTabular
from bookings.money import display as money
from loyalty import rule_checks
from loyalty.explanation import number
from loyalty.models import EarningRule, EarningRuleProperty, EarningRuleRate

EARNS: dict[str, Any] = {
    EarningRule.Method.PERCENTAGE: _("%(rate)s %% of the booking cost"),
    EarningRule.Method.PER_NIGHT: _("%(rate)s a night"),
    EarningRule.Method.PER_STAY: _("%(rate)s a stay"),
    EarningRule.Method.PER_REVENUE: _("%(rate)s for every %(amount)s"),
}


class RuleForm(OneGroupForm):
    def clean(self) -> dict[str, Any]:
        said = super().clean()
        membership_type = said.get("membership_type") or (self.instance.pk and self.instance.membership_type)
        first, until = said.get("valid_from"), said.get("valid_until")
        if not membership_type or not first or "valid_until" in self.errors or "kind" in self.errors:
            return said
        if said.get("for_chosen_properties") or (until and until <= first):
            return said
        problems = rule_checks.main_rule_problems(
            self.instance,
            membership_type=membership_type,
            kind=said["kind"],
            valid_from=first,
            valid_until=until,
        )
        if problems:
            # At the field, so that the database's own words for the same are not said too.
            self.add_error("valid_from", ValidationError(problems))
        return said


class CheckedFormSet(PaginationInlineFormSet):
    """Asks the rule whether the rows fit it, once the rule and every row are valid by themselves."""

    def clean(self) -> None:
        super().clean()
        rule = self.instance
        if any(self.errors) or rule.membership_type_id is None or rule.valid_from is None:
            return
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not self._should_delete_form(form)
        ]
        if problems := self.problems(rule, kept):
            raise ValidationError(problems)

    def problems(self, rule: EarningRule, kept: list[dict[str, Any]]) -> list[str]:
        raise NotImplementedError


class RateFormSet(CheckedFormSet):
    def problems(self, rule: EarningRule, kept: list[dict[str, Any]]) -> list[str]:
        return rule_checks.rate_problems(
            rule, rates={row["level"]: row["value"] for row in kept if "level" in row}
        )


class PropertyFormSet(CheckedFormSet):
    def problems(self, rule: EarningRule, kept: list[dict[str, Any]]) -> list[str]:
        return rule_checks.property_problems(
            rule, properties=[row["property"] for row in kept if "property" in row]
        )


class RateInline(ScopedTabular):
    model = EarningRuleRate
    formset = RateFormSet
    fields = ("level", "value")
    verbose_name = _("rate")


class PropertyInline(ScopedTabular):
    model = EarningRuleProperty
    formset = PropertyFormSet
    fields = ("property",)
    verbose_name = _("property")
    verbose_name_plural = _("chosen properties")


@admin.register(EarningRule)
class EarningRuleAdmin(ScopedHistoryAdmin):
    form = RuleForm
    list_display = ("name", "membership_type", "kind", "what", "where", "valid_from", "until")
    list_filter = (
        ("membership_type", ScopedFilter),
        ("kind", ChoicesDropdownFilter),
        ("method", ChoicesDropdownFilter),
        ("for_chosen_properties", BooleanRadioFilter),
        ("valid_from", RangeDateFilter),
    )
    list_select_related = ("membership_type",)
    search_fields = ("name", "membership_type__name", "membership_type__code")
    autocomplete_fields = ("membership_type",)
    inlines = (RateInline, PropertyInline)
    fieldsets = (
        (None, {"fields": ("membership_type", "name", "kind")}),
        (
            _("How points are earned"),
            {
                "fields": (
                    "method", "including_extras", "by_level", ("value", "per_amount"), "complete_units_only",
                    "minimum_nights",
                )
            },
        ),
        (
            _("When and where"),
            {
                "fields": (("valid_from", "valid_until"), "for_chosen_properties"),
                "description": _("A stay earns by the rule that applies on its departure date."),
            },
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("membership_type",) if obj else ()

    @display(description=_("earns"))
    def what(self, rule: EarningRule) -> Any:
        if rule.value is None:
            return _("%(method)s, by level") % {"method": rule.get_method_display()}
        return EARNS[rule.method] % {"rate": number(rule.value), "amount": _per_amount(rule)}

    @display(description=_("properties"))
    def where(self, rule: EarningRule) -> Any:
        return _("Chosen properties") if rule.for_chosen_properties else _("Every property")

    @display(description=_("until"), ordering="valid_until")
    def until(self, rule: EarningRule) -> Any:
        return rule.valid_until or _("Open")


def _per_amount(rule: EarningRule) -> str:
    return money(rule.per_amount, rule.membership_type.currency) if rule.per_amount else ""
