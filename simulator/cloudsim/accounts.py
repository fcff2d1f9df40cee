"""Who may call: accounts, projects, access keys and users, for all vendors. Built from the settings; no state."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloudsim import ids

DEFAULT_ACCOUNT = "sim-account"
DEFAULT_PROJECT = "sim-region-1"


@dataclass(frozen=True, slots=True)
class Project:
    """A project (region scope) of an account."""

    id: str
    name: str
    account: str


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key; `token` is set for temporary keys only."""

    id: str
    secret: str = field(repr=False)
    account: str = DEFAULT_ACCOUNT
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """A user with a password; the domain is the account name."""

    name: str
    password: str = field(repr=False)
    account: str = DEFAULT_ACCOUNT

    @property
    def id(self) -> str:
        """Return the stable id of the user."""
        return ids.stable_hex("user", self.account, self.name)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything known about callers; every account has at least one project."""

    keys: dict[str, AccessKey]
    users: tuple[User, ...]
    projects: dict[str, Project]

    def names(self) -> list[str]:
        """Return the account names in order of first mention."""
        mentioned = [p.account for p in self.projects.values()]
        return list(dict.fromkeys(mentioned))

    def projects_of(self, account: str) -> list[Project]:
        """Return the projects of an account, first given first."""
        return [p for p in self.projects.values() if p.account == account]


def account_id(name: str) -> str:
    """Return the stable id of an account (the domain id in Huawei terms)."""
    return ids.stable_hex("account", name)


def build(keys: tuple[AccessKey, ...], users: tuple[User, ...], projects: tuple[Project, ...]) -> Accounts:
    """Join keys, users and projects; an account without a project gets one with a stable id."""
    table = {p.id: p for p in projects}
    mentioned = [p.account for p in projects] + [k.account for k in keys] + [u.account for u in users]
    for name in dict.fromkeys(mentioned or [DEFAULT_ACCOUNT]):
        if not any(p.account == name for p in table.values()):
            default = Project(ids.stable_hex("project", name, DEFAULT_PROJECT), DEFAULT_PROJECT, name)
            table[default.id] = default
    return Accounts({k.id: k for k in keys}, users, table)


def parse_key(text: str) -> AccessKey:
    """Read ID:SECRET[:TOKEN][@ACCOUNT]; anything else is a ValueError."""
    head, _, account = text.rpartition("@") if "@" in text else (text, "", DEFAULT_ACCOUNT)
    parts = head.split(":", 2)
    if len(parts) < 2 or not all(parts) or not account:
        raise ValueError("expected ID:SECRET[:TOKEN][@ACCOUNT]")
    return AccessKey(parts[0], parts[1], account, parts[2] if len(parts) == 3 else None)


def parse_user(text: str) -> User:
    """Read NAME:PASSWORD:DOMAIN; anything else is a ValueError."""
    parts = text.split(":")
    if len(parts) != 3 or not all(parts):
        raise ValueError("expected NAME:PASSWORD:DOMAIN")
    return User(*parts)


def parse_project(text: str) -> Project:
    """Read ID:NAME[@ACCOUNT]; anything else is a ValueError."""
    head, _, account = text.rpartition("@") if "@" in text else (text, "", DEFAULT_ACCOUNT)
    project_id, _, name = head.partition(":")
    if not (project_id and name and account):
        raise ValueError("expected ID:NAME[@ACCOUNT]")
    return Project(project_id, name, account)
