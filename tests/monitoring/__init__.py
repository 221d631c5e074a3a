"""deploy/monitoring and docs/runbook: every alert, panel and page, against what is really measured."""
