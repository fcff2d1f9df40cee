"""Planning of LaunchConfigurations. The way in is planner.plan(facts)."""
