"""Order of I/O: what is read, written and remembered, and when. Knows ports and core, no vendor and no kopf."""
