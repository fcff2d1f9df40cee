"""Planning of ScalingGroups. The way in is planner.plan(facts)."""
