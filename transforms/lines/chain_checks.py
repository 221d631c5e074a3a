"""SQL that finds billed calls with contradictory times. One row per finding.

DuckDB runs it after `transforms.lines.latest_version` and `consult_legs`, over the tables `version_status`,
`billable_contacts` and `consult_legs`. A finding is the sorted list of the contact ids concerned; the operator reviews
it, and it stops no release.

A call's interval is from connected_at for talk + hold: the time that the provider was on the line. The contact's own
end can be much later: a transferred patient stays after this provider has left. An interval excludes its end, so
adjacent legs do not overlap, and a call of 0 seconds overlaps with nothing.

A chain is identified by its first leg: InitialContactId, or the contact's own id if that is null. Every later leg has
it, however long the chain is, so PreviousContactId and NextContactId would add nothing. Legs are checked within one
billing date: for a chain across midnight, each date sees only its own legs.
"""

from transforms.lines.consult_legs import ENDS

# In the order of the audit.
RULES = ("legs_overlap", "leg_longer_than_chain", "patient_billed_twice", "consult_leg")

CALLS = f"""
    CREATE OR REPLACE TEMP VIEW calls AS
    SELECT contact_id,
           coalesce(initial_contact_id, contact_id) AS chain,
           provider_extension,
           patient_phone,
           connected_at AS begins,
           {ENDS} AS ends
    FROM billable_contacts
    WHERE provider_extension IS NOT NULL
"""


def _overlapping(columns: tuple[str, ...], least_chains: int) -> str:
    """Return SQL for groups of calls with equal columns that overlap, directly or through others; null equals nothing.

    In the order of their starts, a call belongs to the current group while that has not ended: one pass for any number
    of calls. Nearly all calls overlap with none and are dropped before the grouping.
    """
    keys = ", ".join(columns)
    keys_present = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return f"""
        WITH sorted AS (
            SELECT *, max(ends) OVER before AS busy_until, min(begins) OVER after AS next_begins
            FROM calls
            WHERE begins < ends AND {keys_present}
            WINDOW before AS (PARTITION BY {keys} ORDER BY begins, contact_id
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                   after AS (PARTITION BY {keys} ORDER BY begins, contact_id
                             ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING)
        ), grouped AS (
            SELECT *, sum(CASE WHEN begins < busy_until THEN 0 ELSE 1 END) OVER (
                PARTITION BY {keys} ORDER BY begins, contact_id) AS number
            FROM sorted
            WHERE begins < busy_until OR next_begins < ends
        )
        SELECT list(contact_id ORDER BY contact_id) AS contact_ids
        FROM grouped
        GROUP BY {keys}, number
        HAVING count(*) > 1 AND count(DISTINCT chain) >= {least_chains}
        ORDER BY contact_ids
    """


# Transfer legs of one chain and one provider that overlap in time.
LEGS_OVERLAP = _overlapping(("chain", "provider_extension"), 1)

# Calls of one patient and provider that overlap in time. A group within one chain belongs to the first rule.
PATIENT_BILLED_TWICE = _overlapping(("patient_phone", "provider_extension"), 2)

# Legs longer than their whole chain, from the first initiation to the last disconnect, over all records of the date
# that count, billed or not. A call without a transfer is a chain of one leg.
LEG_LONGER_THAN_CHAIN = """
    WITH chains AS (
        SELECT coalesce(initial_contact_id, contact_id) AS chain,
               min(initiated_at) AS begins,
               max(disconnected_at) AS ends
        FROM version_status
        WHERE standing = 'counts' AND contact_id IS NOT NULL
        GROUP BY chain
    )
    SELECT [contact_id] AS contact_ids
    FROM calls JOIN chains USING (chain)
    WHERE calls.ends - calls.begins > chains.ends - chains.begins
    ORDER BY contact_id
"""

# Consult legs, billed or not, with the leg that covers each.
CONSULT_LEG = "SELECT list_sort([contact_id, covering_id]) AS contact_ids FROM consult_legs ORDER BY contact_ids"

FINDINGS = dict(zip(RULES, (LEGS_OVERLAP, LEG_LONGER_THAN_CHAIN, PATIENT_BILLED_TWICE, CONSULT_LEG), strict=True))
