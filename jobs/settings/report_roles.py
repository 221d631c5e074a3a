"""The settings that grant each role the columns its report may use. Deny by default."""

from pathlib import Path

from jobs.settings.connections import Section
from schemas.errors import SettingsError
from schemas.report_columns import DEFAULTS, GRANTABLE, NEVER_GRANTED
from schemas.report_roles import RoleName


class Role(Section, frozen=True):
    """Columns that a role may see: of the billing line (billing), or of the ledger and its derived columns."""

    columns: tuple[str, ...]


class Roles(Section, frozen=True):
    """The three roles."""

    billing: Role = Role(DEFAULTS["billing"])
    supervisor: Role = Role(DEFAULTS["supervisor"])
    operator: Role = Role(DEFAULTS["operator"])

    def of(self, name: RoleName) -> tuple[str, ...]:
        """Return the columns that a role is granted."""
        role: Role = getattr(self, name)
        return role.columns


class Report(Section, frozen=True):
    """What each role may see, and where a page's links to the release's files lead."""

    links: str = ""
    roles: Roles = Roles()


def check_roles(report: Report, path: Path) -> None:
    """Raises SettingsError if a role is granted a column that is unknown, or that nobody may see."""
    for role, known in GRANTABLE.items():
        for column in report.roles.of(role):
            key = f"settings {path}: report.roles.{role}.columns"
            if column == NEVER_GRANTED:
                raise SettingsError(f"{key}: {column} cannot be granted to any role; leave it out")
            if column not in known:
                raise SettingsError(f"{key}: column {column} is unknown; choose among {', '.join(known)}")
    if (links := report.links) and not links.startswith(("https://", "http://", "s3://")):
        raise SettingsError(
            f"settings {path}: report.links is not an https:// or s3:// address; leave it empty for files"
        )
