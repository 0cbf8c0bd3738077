"""Members: find one, enrol one, see how one stands, block and unblock the card."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import display
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import UnfoldAdminTextareaWidget

from bookings.admin.forms import form_page
from bookings.admin.looks import labelled
from bookings.admin.scoped import ScopedFilter, ScopedHistoryAdmin, staff
from loyalty import enrolment
from loyalty.admin import enrol, member_page
from loyalty.admin.words import STATUS_LABELS
from loyalty.explanation import points
from loyalty.models import Membership


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=100,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept in the card's history. The guest does not see it."),
    )


@admin.register(Membership)
class MembershipAdmin(ScopedHistoryAdmin):
    change_form_template = "admin/loyalty/member_page.html"
    list_display = (
        "card_number",
        "guest",
        "contact",
        "membership_type",
        "level",
        "standing",
        "balance",
        "joined_on",
    )
    list_display_links = ("card_number", "guest")
    list_filter = (
        ("membership_type", ScopedFilter),
        ("level", ScopedFilter),
        ("status", ChoicesDropdownFilter),
        ("joined_on", RangeDateFilter),
    )
    list_select_related = ("guest", "membership_type", "level", "account")
    search_fields = (
        "card_number",
        "name_on_card",
        "guest__first_name",
        "guest__last_name",
        "guest__email",
        "guest__phone",
    )
    search_help_text = gettext_lazy("Card number, name, e-mail or phone")
    fieldsets = ((gettext_lazy("Card"), {"fields": ("name_on_card",)}),)

    @display(description=gettext_lazy("contact"))
    def contact(self, member: Membership) -> str:
        return member.guest.email or member.guest.phone or "–"

    @labelled(description=gettext_lazy("status"), colours=STATUS_LABELS)
    def standing(self, member: Membership) -> tuple[str, str]:
        return member.status, member.get_status_display()

    @display(description=gettext_lazy("balance"), ordering="account__balance")
    def balance(self, member: Membership) -> str:
        return points(member.account.balance, member.membership_type.points_label)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the ledger names members for ever

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/block/", view(self.block), name="loyalty_membership_block"),
            path("<int:object_id>/unblock/", view(self.unblock), name="loyalty_membership_unblock"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Enrolment is an act with rules of its own, not a row that is filled in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return enrol.enrol(request)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["show_save_and_add_another"] = False
        if member := kwargs.get("obj"):
            context.update(
                member_page.context(request, member, may_change=self.has_change_permission(request, member))
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def block(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._change_status(
            request,
            object_id,
            enrolment.block,
            _("Block card %(card)s"),
            _("Block the card"),
            _("A blocked card earns nothing and nothing can be spent. The points stay, and go on expiring."),
        )

    def unblock(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._change_status(
            request,
            object_id,
            enrolment.unblock,
            _("Unblock card %(card)s"),
            _("Unblock the card"),
            _("The card earns and can be spent from again. Stays not calculated yet are looked at again."),
        )

    def _change_status(
        self,
        request: HttpRequest,
        object_id: int,
        act: Callable[..., None],
        title: str,
        submit: str,
        intro: str,
    ) -> HttpResponse:
        member = self.get_object(request, str(object_id))
        if member is None:
            raise Http404
        if not self.has_change_permission(request, member):
            raise PermissionDenied
        form = ReasonForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:loyalty_membership_change", args=[member.pk])
        if request.method == "POST" and form.is_valid():
            try:
                act(membership=member, reason=form.cleaned_data["reason"], by=staff(request))
            except enrolment.EnrolmentRefused as refused:
                form.add_error(None, str(refused))
            else:
                self.message_user(
                    request, _("The card is %(status)s.") % {"status": member.get_status_display().lower()}
                )
                return redirect(back)
        words = title % {"card": member.card_number}
        return form_page(
            request, form=form, title=words, submit=submit, back=back, intro=f"{member.guest}. {intro}"
        )
