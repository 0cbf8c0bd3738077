"""What the staff groups may do. Each app keeps the table of its own models; ``make`` gives what a table says.

Made after each migrate, so that a later release's screens reach the groups. What a table says is added; what
staff added to a group stays. Who wants less than a table says makes a group of their own.
"""

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission

# Group: model: what ("view", "add", "change", "delete").
Table = Mapping[str, Mapping[str, str]]

PROGRAMME_MANAGER = "Programme manager"
FRONT_DESK = "Front desk"
MARKETING = "Marketing"
ACCOUNTANT = "Accountant"
INTEGRATOR = "Integrator"

_LOOK_AROUND = {"propertygroup": "view", "property": "view"}
_BOOKINGS = {"booking": "view", "bookingguestcard": "view", "bookingreference": "view"}

TABLE: Table = {
    PROGRAMME_MANAGER: {
        **_LOOK_AROUND,
        **_BOOKINGS,
        "guest": "view add change",
        "folioline": "view",
        "sourcerecord": "view",
        "rateplan": "view add change delete",
        "transactioncode": "view add change delete",
        "exchangerate": "view add change delete",
    },
    FRONT_DESK: {**_LOOK_AROUND, **_BOOKINGS, "guest": "view add change", "folioline": "view"},
    MARKETING: {**_LOOK_AROUND, "guest": "view", "rateplan": "view"},
    ACCOUNTANT: {
        **_LOOK_AROUND,
        **_BOOKINGS,
        "guest": "view",
        "folioline": "view",
        "sourcerecord": "view",
        "rateplan": "view",
        "transactioncode": "view",
        "exchangerate": "view add change delete",
    },
    INTEGRATOR: {
        **_LOOK_AROUND,
        **_BOOKINGS,
        "sourcerecord": "view",
        "rateplan": "view add change delete",
        "transactioncode": "view add change delete",
        "apiclient": "view add change delete",
    },
}


def make(*, app_label: str, table: Table) -> None:
    """Makes the groups of a table and gives them its permissions, in a handful of queries."""
    known = {row.codename: row for row in Permission.objects.filter(content_type__app_label=app_label)}
    for name, models in table.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(
            *(known[f"{verb}_{model}"] for model, verbs in models.items() for verb in verbs.split())
        )
