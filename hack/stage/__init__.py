"""Actors for the demo, the tests and the benches: kubectl and helm, the simulator and the operator as processes."""
