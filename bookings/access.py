"""Who may see which rows. Every QuerySet of every app that answers a person or a machine goes through here.

A model names the way to its property (``PROPERTY_PATH``) and to its property group (``GROUP_PATH``):

| model has                    | a staff user sees                                                             |
|------------------------------|-------------------------------------------------------------------------------|
| PROPERTY_PATH                | rows of the assigned properties, or of every property of an assigned group    |
| GROUP_PATH alone             | rows of every group in which the user is assigned anywhere                    |
| neither                      | no rows: a model must say whose its rows are                                  |

A superuser sees everything. An API client sees its group. What one may not see answers "not found".
"""

from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet

from bookings.models import ApiClient, Property, PropertyGroup, StaffAssignment, User

M = TypeVar("M", bound=Model)


def groups_of(user: User | AnonymousUser) -> QuerySet[PropertyGroup]:
    """The groups in which the user is assigned anywhere."""
    if not user.is_active:
        return PropertyGroup.objects.none()
    if user.is_superuser:
        return PropertyGroup.objects.all()
    assigned = StaffAssignment.objects.filter(user_id=user.pk)
    return PropertyGroup.objects.filter(pk__in=assigned.values("group_id"))


def properties_of(user: User | AnonymousUser) -> QuerySet[Property]:
    """The properties at which the user works."""
    if not user.is_active:
        return Property.objects.none()
    if user.is_superuser:
        return Property.objects.all()
    assigned = StaffAssignment.objects.filter(user_id=user.pk)
    return Property.objects.filter(
        Q(pk__in=assigned.values("property_id"))
        | Q(group_id__in=assigned.filter(property=None).values("group_id"))
    )


def limit(rows: QuerySet[M], *, user: User | AnonymousUser) -> QuerySet[M]:
    """The rows that this user may see."""
    if user.is_active and user.is_superuser:
        return rows
    return _limit(rows, properties=properties_of(user), groups=groups_of(user))


def limit_to_client(rows: QuerySet[M], *, client: ApiClient) -> QuerySet[M]:
    """The rows that this machine may see: those of its group."""
    group = PropertyGroup.objects.filter(pk=client.property_group_id)
    return _limit(rows, properties=Property.objects.filter(group__in=group), groups=group)


def _limit(
    rows: QuerySet[M], *, properties: QuerySet[Property], groups: QuerySet[PropertyGroup]
) -> QuerySet[M]:
    model: Any = rows.model
    if path := getattr(model, "PROPERTY_PATH", None):
        return rows.filter(**{f"{path}__in": properties.values("pk")})
    if path := getattr(model, "GROUP_PATH", None):
        return rows.filter(**{f"{path}__in": groups.values("pk")})
    return rows.none()
