"""A page with one form on it: what is asked before an act (confirm, give a reason, choose), in the extranet's
looks."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse


def form_page(
    request: HttpRequest,
    *,
    form: forms.Form,
    title: Any,
    submit: Any,
    back: str,
    intro: Any = "",
    template: str = "admin/form_page.html",
    **context: Any,
) -> TemplateResponse:
    """``intro`` says what the act does; ``back`` is where *Cancel* leads."""
    return TemplateResponse(
        request,
        template,
        {
            **admin.site.each_context(request),
            "title": title,
            "form": form,
            "submit": submit,
            "back": back,
            "intro": intro,
            "media": form.media,
            **context,
        },
    )
