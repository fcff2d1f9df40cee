"""The kill harness: every write of every sequence, interrupted at every point, then judged. See README.md."""
