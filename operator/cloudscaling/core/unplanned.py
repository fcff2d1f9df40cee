"""What the adapters can do and no planner asks for yet. Applied by engine.accounts to every vendor's tables.

Such a field is refused as not implemented, so that nothing in a spec is dropped silently.
"""

from __future__ import annotations

from cloudscaling.core.fields import NOT_IMPLEMENTED, Mutability, Rule, Support, Table


def planned(table: Table) -> Table:
    """`table` with only those fields served that a planner knows how to hold."""
    return {path: NOT_IMPLEMENTED if _unplanned(rule) else rule for path, rule in table.items()}


def _unplanned(rule: Rule) -> bool:
    return rule.support is Support.SERVED and (rule.mutability is Mutability.CHILD or rule.shared)
