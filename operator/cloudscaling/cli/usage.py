"""The one error of the command line's own. Raised by its modules, told by __main__."""

from __future__ import annotations

from cloudscaling.errors import CloudScalingError


class UsageError(CloudScalingError):
    """The command cannot be carried out as it stands: exit code 2."""
