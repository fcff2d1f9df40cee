"""What can go wrong with a local control plane. Raised by every module here, shown by cli.

PlaneError
├── ToolMissing    a binary is neither there nor can be made; the message says how to get it
├── PlaneRunning   the directory belongs to a control plane that is alive
├── StartFailed    a component did not come up; the message ends with the tail of its log
│   └── PortTaken  another process took the chosen port first; a start with new ports is worth a try
└── Stopped        a signal, or the process that asked for the control plane has ended
"""


class PlaneError(Exception):
    """Something a person can act on; never shown with a traceback."""


class ToolMissing(PlaneError):
    """A needed program can neither be found nor made."""


class PlaneRunning(PlaneError):
    """The directory is in use by another control plane."""


class StartFailed(PlaneError):
    """A component ended or stayed silent."""


class PortTaken(StartFailed):
    """A chosen port was bound by somebody else before the component bound it."""


class Stopped(PlaneError):
    """The control plane was asked to end."""
