"""Glue to kopf: watches into the store, start and stop, probes. Imported by app only; the only home of kopf."""
