"""Writing and checking directories of generated files: the command line that crdgen and reference share.

Knows nothing of what the files say.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Files:
    """Generated files: name -> content, each of which starts with the header."""

    header: str
    contents: Mapping[str, str]

    def write(self, directory: Path) -> None:
        """Make the generated files of a directory exactly these."""
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in self.contents.items():
            (directory / name).write_text(content, encoding="utf-8")
        for path in self._strangers(directory):
            path.unlink()

    def differences(self, directory: Path) -> list[str]:
        """What `write` would change, as lines for people."""
        changed = [
            f"{directory / name} is not what the models say"
            for name, content in self.contents.items()
            if _text(directory / name) != content
        ]
        return changed + [f"{path} belongs to no model" for path in self._strangers(directory)]

    def _strangers(self, directory: Path) -> list[Path]:
        """Generated files whose kind is gone; files of other origin are left alone."""
        return [
            path
            for path in sorted(directory.glob("*"))
            if path.name not in self.contents and _text(path).startswith(self.header)
        ]


def command(files: Files, program: str, description: str, arguments: list[str] | None) -> int:
    """Write the files, or with --check compare them; returns the exit status."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a file differs")
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIR", help="where the files go")
    options = parser.parse_args(arguments)
    if not options.check:
        for directory in options.directories:
            files.write(directory)
        return 0
    lines = [line for directory in options.directories for line in files.differences(directory)]
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
