"""Do an earning rule, its rates by level and its chosen properties fit together? Asked before they are saved.

| the rule                  | needs                                                                          |
|---------------------------|--------------------------------------------------------------------------------|
| by level                  | a rate for one level or more, of this membership type; percentages up to 100   |
| one rate for all          | no rate by level                                                               |
| for chosen properties     | one property or more, of the type's group, each once, at which no other rule   |
|                           | of its kind applies in the same period                                         |
| the main rule             | no chosen property; no other main rule of its kind in the same period          |

The database refuses an overlap all the same (exclusion constraints); here it becomes a sentence.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Property
from loyalty.models import EarningRule, EarningRuleProperty, Level, MembershipType


def rate_problems(rule: EarningRule, *, rates: Mapping[Level, Decimal]) -> list[str]:
    if not rule.by_level:
        return [_("Switch “by level” on, or remove the rates by level.")] if rates else []
    if not rates:
        return [_("“By level” needs a rate for at least one level.")]
    problems = [
        _("%(level)s is a level of another membership type.") % {"level": level}
        for level in rates
        if level.membership_type_id != rule.membership_type_id
    ]
    if rule.method == EarningRule.Method.PERCENTAGE and any(rate > 100 for rate in rates.values()):
        problems.append(_("A percentage is from 0 to 100."))
    return problems


def property_problems(rule: EarningRule, *, properties: Collection[Property]) -> list[str]:
    if not rule.for_chosen_properties:
        return [_("Switch “for chosen properties” on, or remove the properties.")] if properties else []
    if not properties:
        return [_("“For chosen properties” needs at least one property.")]
    problems = [
        _("%(property)s belongs to another property group.") % {"property": row}
        for row in properties
        if row.group_id != rule.membership_type.group_id
    ]
    problems += [
        _("%(property)s is chosen twice.") % {"property": row}
        for row, times in Counter(properties).items()
        if times > 1
    ]
    return problems + [
        _("At %(property)s the rule “%(rule)s” of this kind applies in the same period. End it first.")
        % {"property": other.property, "rule": other.rule}
        for other in _overlapping(rule, properties)
    ]


def main_rule_problems(
    changed: EarningRule,
    *,
    membership_type: MembershipType,
    kind: str,
    valid_from: date,
    valid_until: date | None,
) -> list[str]:
    """What the rule is to become is said beside it: the form has not written it yet."""
    others = EarningRule.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=valid_from),
        membership_type=membership_type,
        kind=kind,
        for_chosen_properties=False,
    )
    if valid_until:
        others = others.filter(valid_from__lt=valid_until)
    return [
        _(
            "The main rule “%(rule)s” of this kind applies in the same period (%(period)s). "
            "End it first: set its “valid until”."
        )
        % {"rule": other, "period": _period(other)}
        for other in others.exclude(pk=changed.pk).order_by("valid_from")
    ]


def _period(rule: EarningRule) -> str:
    if rule.valid_until is None:
        return _("from %(first)s, open") % {"first": date_format(rule.valid_from)}
    words = {"first": date_format(rule.valid_from), "end": date_format(rule.valid_until)}
    return _("from %(first)s until %(end)s") % words


def _overlapping(rule: EarningRule, properties: Collection[Property]) -> list[EarningRuleProperty]:
    others = EarningRuleProperty.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=rule.valid_from),
        property__in=properties,
        membership_type=rule.membership_type,
        kind=rule.kind,
    )
    if rule.valid_until:
        others = others.filter(valid_from__lt=rule.valid_until)
    return list(others.exclude(rule=rule.pk).select_related("property", "rule").order_by("pk"))
