"""Queries of the supervisor's page, over the contacts that count (`contacts`).

A contact here is a voice contact of a patient: other channels, events, monitoring, contacts that a disconnect flow
made, legs to third parties and calls among providers are left out. $zone is the billing time zone.
"""

from transforms.report.query import Query, spread

# Results of a contact, in the order of the charts. Calls below the minimum were answered, too.
RESULTS = ("answered", "voicemail", "abandoned", "ended in the menu", "not reached")
RESULT_OF_REASON = {
    "below_minimum": "answered",
    "voicemail": "voicemail",
    "abandoned": "abandoned",
    "no_agent": "ended in the menu",
    "answering_machine": "not reached",
    "unanswered": "not reached",
    # A provider took the call, but the patient had gone.
    "caller_left": "abandoned",
}
# Reasons of contacts that are not of patients.
NOT_OF_PATIENTS = (
    "empty",
    "agent_event",
    "contact_event",
    "channel",
    "monitoring",
    "disconnect_flow",
    "third_party",
    "internal",
)
_RESULT = " ".join(
    [
        "CASE WHEN outcome IN ('billable', 'held') THEN 'answered'",
        *(f"WHEN reason = '{reason}' THEN '{result}'" for reason, result in RESULT_OF_REASON.items()),
        "END",
    ]
)
_CONTACTS = f"""
    SELECT *, {_RESULT} AS result FROM contacts
    WHERE standing = 'counts' AND (reason IS NULL OR reason NOT IN {NOT_OF_PATIENTS})
"""
_COUNTED = ("standing", "outcome", "reason")
# From the start of the call if the record has no time in a queue.
_WAITED = "coalesce(queue_seconds, (connected_at - initiated_at) // 1000000)"
_ANSWERED_INBOUND = (
    f"SELECT *, {_WAITED} AS waited FROM ({_CONTACTS}) WHERE result = 'answered' AND call_type = 'inbound'"
)
_WAITING = (*_COUNTED, "call_type", "connected_at", "initiated_at", "queue_seconds")
_LOCAL = "timezone($zone, make_timestamptz(initiated_at))"
WEEK_SECONDS = 7 * 86_400

OUTCOMES = Query(
    _COUNTED,
    """
    SELECT outcome, coalesce(reason, ''), count(*) AS contacts FROM contacts
    WHERE standing = 'counts' GROUP BY ALL ORDER BY contacts DESC, outcome, coalesce(reason, '')
    """,
)


def _results_by(part: str) -> Query:
    """Results by a part of the local time at which contacts began: `hour` from 0, or `isodow` from 1."""
    return Query(
        (*_COUNTED, "initiated_at"),
        f"""
        SELECT {part}({_LOCAL})::INT AS part, result, reason, outcome, count(*)
        FROM ({_CONTACTS}) GROUP BY ALL ORDER BY ALL
        """,
    )


BY_HOUR = _results_by("hour")
BY_WEEKDAY = _results_by("isodow")

BY_WEEKDAY_AND_HOUR = Query(
    (*_COUNTED, "initiated_at"),
    f"""
    SELECT isodow({_LOCAL})::INT AS day, hour({_LOCAL})::INT AS hour, count(*)
    FROM ({_CONTACTS}) GROUP BY ALL ORDER BY ALL
    """,
)

SHARES = Query(
    (*_COUNTED, "billing_date", "call_type"),
    f"""
    SELECT billing_date, result, count(*) FROM ({_CONTACTS})
    WHERE call_type = 'inbound' GROUP BY ALL ORDER BY ALL
    """,
)

# Upper limits in seconds, and the names of the bands.
BANDS = {10: "up to 10 s", 20: "11 to 20 s", 30: "21 to 30 s", 60: "31 to 60 s", 120: "1 to 2 min", 300: "2 to 5 min"}
LONGER = "over 5 min"
_BAND = " ".join(f"WHEN waited <= {limit} THEN {n}" for n, limit in enumerate(BANDS))

TIME_TO_ANSWER = Query(
    _WAITING,
    f"""
    SELECT CASE {_BAND} ELSE {len(BANDS)} END AS band, count(*) FROM ({_ANSWERED_INBOUND})
    WHERE waited IS NOT NULL GROUP BY ALL ORDER BY ALL
    """,
)

TIME_TO_ANSWER_IN_ALL = Query(
    _WAITING,
    f"SELECT count(waited), count(queue_seconds), {spread('waited', 'waited')} FROM ({_ANSWERED_INBOUND})",
)

TIME_TO_ANSWER_BY_HOUR = Query(
    _WAITING,
    f"""
    SELECT hour({_LOCAL})::INT AS hour, count(waited), {spread("waited", "waited")} FROM ({_ANSWERED_INBOUND})
    WHERE waited IS NOT NULL GROUP BY hour ORDER BY hour
    """,
)


def _handling(column: str) -> Query:
    """Talk, hold and after-contact work of answered contacts, in seconds."""
    return Query(
        (*_COUNTED, column, "talk_seconds", "hold_seconds", "after_contact_work_seconds"),
        f"""
        SELECT {column}, count(*) AS contacts, {spread("talk_seconds", "talk")},
               {spread("coalesce(hold_seconds, 0)", "hold")}, {spread("after_contact_work_seconds", "work")}
        FROM ({_CONTACTS}) WHERE result = 'answered' GROUP BY {column} ORDER BY contacts DESC, {column}
        """,
    )


BY_QUEUE = _handling("queue_name")
BY_PROVIDER = _handling("agent_id")

CHAINS = Query(
    (*_COUNTED, "chain"),
    f"""
    SELECT least(legs, 5) AS legs, count(*) FROM (
        SELECT chain, count(*) FILTER (result = 'answered') AS legs FROM ({_CONTACTS})
        WHERE chain IS NOT NULL GROUP BY chain)
    WHERE legs > 0 GROUP BY ALL ORDER BY ALL
    """,
)

_FIRST_CALLS = f"""
    SELECT *, since_last_call_seconds <= {WEEK_SECONDS} AS again FROM ({_CONTACTS})
    WHERE call_type = 'inbound' AND NOT phone_withheld AND first_leg
"""
_CALLERS = (*_COUNTED, "call_type", "phone_withheld", "since_last_call_seconds")

REPEATED = Query(
    (*_CALLERS, "billing_date", "first_leg"),
    f"""
    SELECT billing_date, count(*), count(*) FILTER (again) FROM ({_FIRST_CALLS}) GROUP BY ALL ORDER BY ALL
    """,
)

# Calls with an answered leg whose seven days are over within the rows that were read.
RESOLVED = Query(
    (*_CALLERS, "first_leg", "initiated_at", "chain", "until_next_call_seconds"),
    f"""
    WITH answered AS (SELECT DISTINCT chain FROM ({_CONTACTS}) WHERE result = 'answered'),
         over AS (FROM ({_FIRST_CALLS})
                  WHERE initiated_at <= (SELECT max(initiated_at) FROM contacts) - {WEEK_SECONDS} * 1000000::BIGINT)
    SELECT count(*), count(*) FILTER (until_next_call_seconds IS NULL OR until_next_call_seconds > {WEEK_SECONDS})
    FROM over SEMI JOIN answered USING (chain)
    """,
)
