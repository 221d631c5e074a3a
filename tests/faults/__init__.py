"""Faults under a live job: processes killed, services away, disks full; and what of the records is lost or doubled."""
