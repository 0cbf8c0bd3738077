"""*Add member*: a guest joins a programme."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bookings import access
from bookings.admin.forms import form_page
from bookings.admin.scoped import staff
from bookings.models import Guest
from loyalty import enrolment
from loyalty.card_numbers import CardNumbersUsedUp
from loyalty.models import Membership, MembershipType


class EnrolForm(forms.Form):
    membership_type = forms.ModelChoiceField(
        MembershipType.objects.none(), label=gettext_lazy("Membership type"), widget=UnfoldAdminSelectWidget()
    )
    guest = forms.ModelChoiceField(
        Guest.objects.none(),
        label=gettext_lazy("Guest"),
        widget=AutocompleteSelect(Membership._meta.get_field("guest"), admin.site),
        help_text=gettext_lazy(
            "Search by name, e-mail or phone. A guest who is not found is added under Guests first."
        ),
    )
    card_number = forms.CharField(
        label=gettext_lazy("Card number"),
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Empty: the next number of the programme is given."),
    )
    name_on_card = forms.CharField(
        label=gettext_lazy("Name on card"),
        required=False,
        max_length=150,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Empty: the guest's name."),
    )


def enrol(request: HttpRequest) -> HttpResponse:
    form = EnrolForm(
        request.POST if request.method == "POST" else None, initial={"guest": request.GET.get("guest")}
    )
    _limit(form, request)
    if request.method == "POST" and form.is_valid():
        try:
            member = _join(form, request)
        except (enrolment.EnrolmentRefused, CardNumbersUsedUp) as refused:
            form.add_error(None, str(refused))
        else:
            said = _("%(guest)s is a member now, with the card %(card)s.")
            messages.success(request, said % {"guest": member.guest, "card": member.card_number})
            return redirect("admin:loyalty_membership_change", member.pk)
    return form_page(
        request,
        form=form,
        title=_("Add member"),
        submit=_("Enrol"),
        back=reverse("admin:loyalty_membership_changelist"),
        intro=_("The guest starts at the base level and earns from today's departures on."),
    )


def _limit(form: forms.Form, request: HttpRequest) -> None:
    types = MembershipType.objects.filter(state=MembershipType.State.ACTIVATED, inactive=False)
    fields: dict[str, Any] = form.fields
    fields["membership_type"].queryset = access.limit(types, user=request.user).order_by(
        "display_sequence", "name"
    )
    fields["guest"].queryset = access.limit(Guest.objects.all(), user=request.user)
    only = list(fields["membership_type"].queryset[:2])
    if len(only) == 1:
        fields["membership_type"].initial = only[0].pk


def _join(form: forms.Form, request: HttpRequest) -> Membership:
    said = form.cleaned_data
    return enrolment.join(
        guest=said["guest"],
        membership_type=said["membership_type"],
        by=staff(request),
        on=said["membership_type"].group.local_date(timezone.now()),
        card_number=said["card_number"],
        name_on_card=said["name_on_card"],
    )
