"""The page of a record that is looked at, not edited: its facts, then its panels. A panel is a small table.

What a higher app shows on a lower one's page it appends to that screen's ``panels`` from its own admin
module.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html

from bookings import access
from bookings.admin.scoped import ScopedViewOnlyAdmin
from bookings.money import display


@dataclass(frozen=True, slots=True)
class Column:
    title: Any
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """``empty`` is what is said, and to be done next, when there are no rows; ``note`` stands above them."""

    title: Any
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    empty: Any = ""
    note: Any = ""
    more: Any = ""

    def cells(self) -> list[list[tuple[Column, Any]]]:
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


Fact = tuple[Any, Any]
MakePanel = Callable[[HttpRequest, Any], Panel | None]


class RecordAdmin(ScopedViewOnlyAdmin):
    """``panels`` are asked in order; one that answers None is not shown."""

    change_form_template = "admin/record_page.html"
    panels: Sequence[MakePanel] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        return ()  # the page shows facts and panels instead of the form's fields

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[Fact]:
        return ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], add: bool = False, change: bool = False,
        form_url: str = "", obj: Any = None,
    ) -> HttpResponse:  # fmt: skip
        context["facts"] = [
            (label, value) for label, value in self.facts(request, obj) if value not in (None, "")
        ]
        context["panels"] = shown(self.panels, request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)


def shown(panels: Sequence[MakePanel], request: HttpRequest, obj: Any) -> list[Panel]:
    return [panel for make in panels if (panel := make(request, obj))]


def may_view(request: HttpRequest, model: type[Model]) -> bool:
    return request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")


def link(request: HttpRequest, row: Model | None, text: Any = None) -> Any:
    """A link to the row's page for who may look at such rows, else its text. The caller knows that this very
    row may be seen (``is_visible``)."""
    if row is None:
        return "–"
    words = str(row) if text is None else text
    if type(row) not in admin.site._registry or not may_view(request, type(row)):
        return words
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, words)


def is_visible(request: HttpRequest, row: Model) -> bool:
    """One query."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    return access.limit(rows, user=request.user).exists()


def list_link(model: type[Model], query: str, text: Any) -> Any:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, query, text)


def day(value: date | None) -> str:
    return date_format(value) if value else "–"


def money(amount: Decimal | None, currency: str) -> str:
    return "–" if amount is None else display(amount, currency)
