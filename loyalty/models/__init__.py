"""One model a file, children beside their parent. Siblings import siblings, never this package."""

from loyalty.models.earning_rule import EarningRule, EarningRuleProperty, EarningRuleRate, RuleKind
from loyalty.models.job import Job, JobChunk, JobProgress
from loyalty.models.ledger_entry import LedgerEntry, PointsLot
from loyalty.models.level import Level, LevelChange
from loyalty.models.membership import Membership, PointsAccount
from loyalty.models.membership_type import (
    CalculationPolicy,
    CardPolicy,
    CardSequence,
    ExpiryPolicy,
    LevelPolicy,
    MembershipClass,
    MembershipType,
)
from loyalty.models.stay import Stay

__all__ = [
    "CalculationPolicy",
    "CardPolicy",
    "CardSequence",
    "EarningRule",
    "EarningRuleProperty",
    "EarningRuleRate",
    "ExpiryPolicy",
    "Job",
    "JobChunk",
    "JobProgress",
    "LedgerEntry",
    "Level",
    "LevelChange",
    "LevelPolicy",
    "Membership",
    "MembershipClass",
    "MembershipType",
    "PointsAccount",
    "PointsLot",
    "RuleKind",
    "Stay",
]
