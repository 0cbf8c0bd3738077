"""What the staff groups may do with the programme. Running *calculate points* is the permission to add a
job."""

from bookings.staff_groups import ACCOUNTANT, FRONT_DESK, INTEGRATOR, MARKETING, PROGRAMME_MANAGER, Table

_PROGRAMME = dict.fromkeys(
    [
        *(
            "membershipclass",
            "membershiptype",
            "level",
            "earningrule",
            "earningrulerate",
            "earningruleproperty",
        ),
        *("cardpolicy", "calculationpolicy", "expirypolicy", "levelpolicy"),
    ],
    "view",
)
_LEDGER = dict.fromkeys(["ledgerentry", "pointslot", "levelchange"], "view")
_JOBS = dict.fromkeys(["job", "jobprogress", "jobchunk"], "view")

TABLE: Table = {
    PROGRAMME_MANAGER: {
        **dict.fromkeys(_PROGRAMME, "view add change delete"),
        **_LEDGER,
        **_JOBS,
        "job": "view add",
        "membership": "view add change",
        "stay": "view",
    },
    FRONT_DESK: {
        **_LEDGER,
        "membership": "view add change",
        "membershiptype": "view",
        "level": "view",
        "stay": "view",
    },
    MARKETING: {**_PROGRAMME, **_LEDGER, "membership": "view"},
    ACCOUNTANT: {**_LEDGER, **_JOBS, "membership": "view", "membershiptype": "view", "stay": "view"},
    INTEGRATOR: _PROGRAMME,
}
