"""The roles of report readers. Imports nothing, because the command line needs the names before anything else."""

from typing import Literal, get_args

RoleName = Literal["billing", "supervisor", "operator"]
ROLES: tuple[RoleName, ...] = get_args(RoleName)
