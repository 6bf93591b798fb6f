"""Who is affected when features are turned off, as sentences."""

from app.models.access_counts import AccessCounts


def sentences(turned_off: set[str], counts: AccessCounts, *, can_pay: bool) -> list[str]:
    """`turned_off` are names of Company.FEATURES; `can_pay`: online payment works now."""
    said = []
    if turned_off - {"customer_access"}:
        affected = (
            f"{people(counts.payers)} who can pay online now will not be able to."
            if can_pay and counts.payers
            else "No one can pay online now, so no one is affected."
        )
        said += [affected, "Payments in progress will still be completed."]
    if "customer_access" in turned_off:
        said.append(f"{people(counts.ready)} who can log in now will not be able to log in, view or pay.")
        if counts.invited:
            invited = people(counts.invited)
            said.append(f"{invited} with access but no password yet will not be able to log in either.")
        said.append(sessions(counts.sessions))
        said.append("No one loses their access: it works again when Customer Access is on again.")
    return said


def people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def sessions(count: int) -> str:
    if not count:
        return "No customer is logged in now."
    return "1 customer session ends immediately." if count == 1 else f"{count} customer sessions end immediately."
