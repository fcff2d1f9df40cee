"""What the demo prints: steps, waiting with a live table, verdicts. Knows nothing of the story."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

_REFRESH_S = 1.0


class StepFailed(RuntimeError):
    """A step of the demo did not hold; the text says which and why."""


class Screen:
    """Prints to a terminal with a live view, to a file only what changes."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self._began = time.monotonic()

    def _clock(self) -> str:
        return f"{time.monotonic() - self._began:5.0f} s"

    def step(self, title: str) -> None:
        self.console.print(f"\n[bold cyan]{self._clock()}  {title}[/]")

    def command(self, words: str) -> None:
        self.console.print(f"[dim]$ {words}[/]")

    def show(self, text: str) -> None:
        self.console.print(Text(text.rstrip()))

    def good(self, text: str) -> None:
        self.console.print(f"[green]  ok[/]  {text}")

    def bad(self, text: str) -> None:
        self.console.print(Text.assemble(("failed", "bold red"), f" {text}"))

    def wait(
        self,
        what: str,
        is_done: Callable[[], bool],
        view: Callable[[], str],
        within_s: float,
        alive: Callable[[], str],
    ) -> None:
        """Poll until `is_done`, showing `view` as it changes; `alive` tells what has died, "" for nothing."""
        deadline, last = time.monotonic() + within_s, ""
        spinner = Spinner("dots", text=Text(f" waiting for {what}"))
        with Live(spinner, console=self.console, transient=True, auto_refresh=self.console.is_terminal) as live:
            while True:
                done = is_done()
                shown = view()
                if shown != last and self.console.is_terminal:
                    live.update(Group(Text(shown.rstrip()), spinner))
                elif shown != last:
                    self.console.print(f"{self._clock()}  waiting for {what}")
                    self.console.print(Text(shown.rstrip()))
                last = shown
                if done:
                    break
                dead = alive()
                if dead:
                    raise StepFailed(dead)
                if time.monotonic() > deadline:
                    raise StepFailed(f"{what} did not happen within {within_s:.0f} s:\n{shown}")
                time.sleep(_REFRESH_S)
        if self.console.is_terminal:
            self.console.print(Text(last.rstrip()))
        self.good(what)
