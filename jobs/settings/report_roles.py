"""Roles: the part of the settings that says which columns the report of each role may be made of. Deny by default."""

from pathlib import Path

from jobs.settings.connections import Section
from schemas.errors import SettingsError
from schemas.report_columns import DEFAULTS, GRANTABLE, NEVER_GRANTED
from schemas.report_roles import RoleName


class Role(Section, frozen=True):
    """What a role may see: columns of the billing line (billing), or of the ledger and what is derived from it."""

    columns: tuple[str, ...]


class Roles(Section, frozen=True):
    """The three roles."""

    billing: Role = Role(DEFAULTS["billing"])
    supervisor: Role = Role(DEFAULTS["supervisor"])
    operator: Role = Role(DEFAULTS["operator"])

    def of(self, name: RoleName) -> tuple[str, ...]:
        """The columns that a role is granted."""
        role: Role = getattr(self, name)
        return role.columns


class Report(Section, frozen=True):
    """The report: what each role may see, and where a page's links to the release's files lead."""

    links: str = ""
    roles: Roles = Roles()


def check_roles(report: Report, path: Path) -> None:
    """SettingsError: a role is granted what there is not, or what nobody may see."""
    for role, known in GRANTABLE.items():
        for column in report.roles.of(role):
            where = f"settings {path}: report.roles.{role}.columns"
            if column == NEVER_GRANTED:
                raise SettingsError(f"{where}: {column} cannot be granted to any role; leave it out")
            if column not in known:
                raise SettingsError(f"{where}: column {column} is unknown; choose among {', '.join(known)}")
    if (links := report.links) and not links.startswith(("https://", "http://", "s3://")):
        raise SettingsError(f"settings {path}: report.links is no https:// or s3:// address; leave it empty for files")
