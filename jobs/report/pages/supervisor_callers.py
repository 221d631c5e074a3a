"""Make the figures about transfers, repeat callers, and first-contact resolution."""

from jobs.report.formatting import Periods, number
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure
from jobs.report.pages.figures import NO_CONTACT, bars_by_period, empty_figure, not_granted, ranking
from transforms.report import service

_LEG_LABELS = {1: "1 leg", 2: "2 legs", 3: "3 legs", 4: "4 legs", 5: "5 or more"}


def chains(tables: GrantedTables) -> Figure:
    """Return conversations by their number of answered legs."""
    key, title = "chains", "Transfers"
    caption = (
        "Conversations by how many legs were answered: with two or more, the patient was passed on, or called back. "
        "Legs belong together by InitialContactId."
    )
    rows = tables.query(service.CHAINS)
    if not rows:
        return empty_figure(key, title, caption, tables, service.CHAINS)
    counts = [(_LEG_LABELS[legs], count) for legs, count in rows]
    return ranking(key, title, caption, "answered legs", counts, "conversations")


def repeated(tables: GrantedTables, periods: Periods) -> Figure:
    """Return calls of patients who had called within 7 days before."""
    key, title = "repeated", "Repeat callers"
    caption = (
        "Inbound calls, first legs with a phone number, whose patient had called within 7 days before. What came "
        "before the first date of the page is not looked at. Phones are compared while the ledger is read, and are in "
        "no part of this page."
    )
    if reason := not_granted(tables, service.REPEATED):
        return Figure(key, title, caption, missing=reason)
    rows = tables.query(service.REPEATED)
    counts = {(date, "again within 7 days"): again for date, _, again in rows}
    counts |= {(date, "first"): calls - again for date, calls, again in rows}
    order = ("first", "again within 7 days")
    return bars_by_period(key, title, caption, periods, order, counts, "calls", number, empty=NO_CONTACT)


def resolved(tables: GrantedTables) -> Figure:
    """Return first-contact resolution."""
    key, title = "resolved", "Settled with the first call"
    caption = (
        "First-contact resolution as far as records can tell: inbound conversations that were answered and after which "
        "the patient did not call again for 7 days. Calls whose 7 days are not over on the last date are left out."
    )
    if reason := not_granted(tables, service.RESOLVED):
        return Figure(key, title, caption, missing=reason)
    [(total, settled)] = tables.query(service.RESOLVED)
    if not total:
        return Figure(key, title, caption, missing="No answered call of these dates lies 7 days back yet.")
    rows = (("settled", settled), ("called again", total - settled))
    return ranking(key, title, caption, "conversations", rows, "number")
