"""Actors for the demo, the tests and the benches: kubectl, the simulator and the operator as processes."""
