"""Chain sanity: the SQL that finds billed calls which contradict each other in time. One row per finding.

Run by DuckDB after those of `transforms.lines.latest_version`, over its tables `standings` and `joined`. A finding is
the sorted list of the contact ids concerned; it is the operator's to look at, and stops nothing.

A call is *in time* from connected_at, for talk + hold: as long as the provider was on the line. The contact's own end
is another: a patient who was passed on stays, long after this provider has left. An interval does not hold its end, so
legs that touch do not overlap, and a call of 0 seconds overlaps with nothing.

A chain is named by its first leg: InitialContactId, or the contact's own id where it has none. Every later leg of a
chain carries it, however long the chain is, so PreviousContactId and NextContactId would say nothing more. Legs are
looked at within one billing date: of a chain that crosses midnight each date sees its own legs alone.
"""

# In this order in the audit.
RULES = ("legs_overlap", "leg_longer_than_chain", "patient_billed_twice")

# Instants are whole microseconds. A hostile duration is cut, so that the end stays within 64 bits; it is later than
# every start even so.
CALLS = """
    CREATE OR REPLACE TEMP VIEW calls AS
    SELECT contact_id,
           coalesce(initial_contact_id, contact_id) AS chain,
           provider_extension,
           patient_phone,
           connected_at AS begins,
           connected_at + least(talk_seconds + coalesce(hold_seconds, 0), 1000000000000) * 1000000 AS ends
    FROM joined
    WHERE provider_extension IS NOT NULL
"""


def _overlapping(columns: tuple[str, ...], least_chains: int) -> str:
    """Groups of calls that overlap, one with the next or through others, and agree in these columns; null agrees never.

    Sorted by their beginning, a call belongs to the group before it while that has not ended: one pass, however
    many calls there are. Nearly all calls are alone, and are left out before anything is sorted into groups.
    """
    same = ", ".join(columns)
    known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return f"""
        WITH sorted AS (
            SELECT *, max(ends) OVER before AS busy_until, min(begins) OVER after AS next_begins
            FROM calls
            WHERE begins < ends AND {known}
            WINDOW before AS (PARTITION BY {same} ORDER BY begins, contact_id
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                   after AS (PARTITION BY {same} ORDER BY begins, contact_id
                             ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING)
        ), grouped AS (
            SELECT *, sum(CASE WHEN begins < busy_until THEN 0 ELSE 1 END) OVER (
                PARTITION BY {same} ORDER BY begins, contact_id) AS number
            FROM sorted
            WHERE begins < busy_until OR next_begins < ends
        )
        SELECT list(contact_id ORDER BY contact_id) AS contact_ids
        FROM grouped
        GROUP BY {same}, number
        HAVING count(*) > 1 AND count(DISTINCT chain) >= {least_chains}
        ORDER BY contact_ids
    """


# Transfer legs of one chain that overlap in time for the same provider.
LEGS_OVERLAP = _overlapping(("chain", "provider_extension"), 1)

# The same patient and provider in overlapping time. A group within one chain is the first rule's.
PATIENT_BILLED_TWICE = _overlapping(("patient_phone", "provider_extension"), 2)

# A leg that lasted longer than all of its chain, from the first initiation to the last disconnect, by every record of
# the date that counts, billed or not. A call that was not passed on is a chain of one leg.
LEG_LONGER_THAN_CHAIN = """
    WITH chains AS (
        SELECT coalesce(initial_contact_id, contact_id) AS chain,
               min(initiated_at) AS begins,
               max(disconnected_at) AS ends
        FROM standings
        WHERE standing = 'counts' AND contact_id IS NOT NULL
        GROUP BY chain
    )
    SELECT [contact_id] AS contact_ids
    FROM calls JOIN chains USING (chain)
    WHERE calls.ends - calls.begins > chains.ends - chains.begins
    ORDER BY contact_id
"""

FINDINGS = dict(zip(RULES, (LEGS_OVERLAP, LEG_LONGER_THAN_CHAIN, PATIENT_BILLED_TWICE), strict=True))
