"""Roles: who looks at a report. Imports nothing, because the command line names them before anything is done."""

from typing import Literal, get_args

RoleName = Literal["billing", "supervisor", "operator"]
ROLES: tuple[RoleName, ...] = get_args(RoleName)
