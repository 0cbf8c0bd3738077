"""API clients. The secret is shown once, on the page that answers; it is kept only as a hash."""

from typing import Any

from django.contrib import admin
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    get_access_token_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)

from bookings import api_clients
from bookings.admin.forms import form_page
from bookings.admin.looks import button
from bookings.admin.scoped import OneGroupForm, ScopedAdmin, ScopedFilter, staff
from bookings.models import ApiClient

admin.site.unregister(ApiClient)
for _model in (get_access_token_model(), get_grant_model(), get_id_token_model(), get_refresh_token_model()):
    admin.site.unregister(_model)  # tokens come and go by themselves; nobody reads them here


class ApiClientForm(OneGroupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.client_type = ApiClient.CLIENT_CONFIDENTIAL
        self.instance.authorization_grant_type = ApiClient.GRANT_CLIENT_CREDENTIALS
        if "name" in self.fields:
            self.fields["name"].required = True


@admin.register(ApiClient)
class ApiClientAdmin(ScopedAdmin):
    form = ApiClientForm
    list_display = ("name", "client_id", "property_group", "created")
    list_filter = (("property_group", ScopedFilter),)
    list_select_related = ("property_group",)
    search_fields = ("name", "client_id")
    autocomplete_fields = ("property_group",)
    actions_detail = ("renew_secret",)
    add_fieldsets = ((None, {"fields": ("property_group", "name")}),)
    fieldsets = ((None, {"fields": ("property_group", "name", "client_id", "created")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("property_group", "client_id", "created") if obj else ()

    def save_model(self, request: HttpRequest, obj: ApiClient, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=["name", "updated"])
            return
        client, secret = api_clients.create(
            name=obj.name, property_group=obj.property_group, by=staff(request)
        )
        obj.__dict__.update(vars(client))
        obj.told_secret = secret

    def response_add(
        self, request: HttpRequest, obj: ApiClient, post_url_continue: str | None = None
    ) -> HttpResponse:
        return _secret_page(request, obj, obj.told_secret)

    @button(description=_("New secret"), url_path="new-secret", icon="key", permissions=["change"])
    def renew_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        client = self.get_object(request, object_id)
        if client is None:
            raise Http404
        if request.method == "POST":
            secret = api_clients.renew_secret(client=client)
            self.log_change(request, client, "New secret")
            return _secret_page(request, client, secret)
        return form_page(
            request,
            form=Form(),
            title=_("New secret for %(client)s") % {"client": client},
            submit=_("Make a new secret"),
            back=_page_of(client),
            intro=_("The old secret stops working at once: the machine that uses it needs the new one."),
        )


def _page_of(client: ApiClient) -> str:
    return reverse("admin:bookings_apiclient_change", args=[client.pk])


def _secret_page(request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("Secret of %(client)s") % {"client": client},
        "client": client,
        "secret": secret,
        "back": _page_of(client),
    }
    return TemplateResponse(request, "admin/api_client_secret.html", context)  # the site has no page cached
