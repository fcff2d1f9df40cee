"""The choices of one run for one cloud: profile, switches, quotas. Read by every handler, never changed."""

from __future__ import annotations

from dataclasses import dataclass

from cloudsim.huawei.profile import Profile


@dataclass(frozen=True, slots=True)
class Rules:
    """A profile with the switches of this run; see README.md for each switch."""

    profile: Profile
    options: dict[str, str]
    quotas: dict[str, int]
    activity_s: float
    strict_references: bool

    def flag(self, option: str) -> bool:
        """Tell whether a true/false switch is on."""
        return self.options[option] == "true"

    def number(self, option: str) -> float:
        """Return a switch that holds a number."""
        return float(self.options[option])


def build(profile: Profile, options: dict[str, str], quotas: dict[str, str], activity_s: float, strict: bool) -> Rules:
    """Lay the given switches and quotas over the profile's; an unknown name is a ValueError."""
    unknown = sorted((set(options) - set(profile.options)) | (set(quotas) - set(profile.quotas)))
    if unknown:
        raise ValueError(
            f"{profile.name} has no option or quota {', '.join(unknown)}; "
            f"options: {', '.join(profile.options)}; quotas: {', '.join(profile.quotas)}"
        )
    limits = {name: int(quotas.get(name, default)) for name, (default, _) in profile.quotas.items()}
    return Rules(profile, {**profile.options, **options}, limits, activity_s, strict)
