"""Pure decisions: no I/O, no clock, no randomness. Time, ids and observations come in as values."""
