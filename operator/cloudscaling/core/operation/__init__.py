"""Planning of InstanceOperations. The way in is planner.plan(facts)."""
