"""Settings of all tests: property tests try the same examples every time, so that a change is judged by itself.

`pytest --hypothesis-profile explore` looks for new ones (LIVES=1000 for more lives of the engine).
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("explore")
settings.register_profile("suite", derandomize=True)
settings.load_profile("suite")
