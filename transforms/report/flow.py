"""Queries of the operator's page, over all rows of the ledger (`contacts`)."""

from transforms.report.query import Query

BALANCE = Query(
    ("billing_date", "standing", "outcome", "reason"),
    """
    SELECT billing_date, standing, outcome, coalesce(reason, ''), count(*) FROM contacts GROUP BY ALL ORDER BY ALL
    """,
)

# Seconds from the disconnect to the record's last update (median, 90th percentile), and the instants, in microseconds,
# by which half and a tenth of a date's contacts had ended.
LAG = Query(
    ("billing_date", "standing", "disconnected_at", "updated_at"),
    """
    SELECT billing_date, count(*),
           quantile_disc((updated_at - disconnected_at) // 1000000, 0.5),
           quantile_disc((updated_at - disconnected_at) // 1000000, 0.9),
           quantile_disc(disconnected_at, 0.5), quantile_disc(disconnected_at, 0.1)
    FROM contacts
    WHERE standing = 'counts' AND disconnected_at IS NOT NULL AND updated_at IS NOT NULL AND billing_date <> 'unknown'
    GROUP BY billing_date ORDER BY billing_date
    """,
)

QUARANTINED = Query(
    ("standing", "reason"),
    """
    SELECT reason, count(*) AS records FROM contacts
    WHERE standing = 'quarantined' GROUP BY reason ORDER BY records DESC, reason
    """,
)

POSITIONS = Query(
    ("billing_date", "standing", "reason", "detail", "source", "position"),
    """
    SELECT billing_date, reason, coalesce(detail, ''), source, position FROM contacts
    WHERE standing = 'quarantined'
    ORDER BY billing_date DESC, reason, source, length(position), position, detail LIMIT $most
    """,
)
