"""Callers: transfers, patients who called again, and those who did not have to."""

from jobs.report.figures import NO_CONTACT, not_granted, ranked, upright
from jobs.report.formatting import Periods, number
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure
from transforms.report import service

_LEGS = {1: "1 leg", 2: "2 legs", 3: "3 legs", 4: "4 legs", 5: "5 or more"}


def chains(tables: GrantedTables) -> Figure:
    """Conversations by their answered legs."""
    key, title = "chains", "Transfers"
    says = (
        "Conversations by how many legs were answered: with two or more, the patient was passed on, or called back. "
        "Legs belong together by InitialContactId."
    )
    rows = tables.query(service.CHAINS)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, service.CHAINS) or NO_CONTACT)
    named = [(_LEGS[legs], count) for legs, count in rows]
    return ranked(key, title, says, "answered legs", named, "conversations")


def repeated(tables: GrantedTables, periods: Periods) -> Figure:
    """Calls of patients who had called a short time before."""
    key, title = "repeated", "Repeat callers"
    says = (
        "Inbound calls, first legs with a phone number, whose patient had called within 7 days before. What came "
        "before the first date of the page is not looked at. Phones are compared while the ledger is read, and are in "
        "no part of this page."
    )
    if lacking := not_granted(tables, service.REPEATED):
        return Figure(key, title, says, missing=lacking)
    rows = tables.query(service.REPEATED)
    found = {(date, "again within 7 days"): again for date, _, again in rows}
    found |= {(date, "first"): calls - again for date, calls, again in rows}
    order = ("first", "again within 7 days")
    return upright(key, title, says, periods, order, found, "calls", number, empty=NO_CONTACT)


def resolved(tables: GrantedTables) -> Figure:
    """First-contact resolution."""
    key, title = "resolved", "Settled with the first call"
    says = (
        "First-contact resolution as far as records can tell: inbound conversations that were answered and after which "
        "the patient did not call again for 7 days. Calls whose 7 days are not over on the last date are left out."
    )
    if lacking := not_granted(tables, service.RESOLVED):
        return Figure(key, title, says, missing=lacking)
    [(whole, settled)] = tables.query(service.RESOLVED)
    if not whole:
        return Figure(key, title, says, missing="No answered call of these dates lies 7 days back yet.")
    rows = (("settled", settled), ("called again", whole - settled))
    return ranked(key, title, says, "conversations", rows, "number")
