"""Planning of ScalingPolicies. The way in is planner.plan(facts)."""
