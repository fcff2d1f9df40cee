"""Facts for the planners: references resolved, the cloud observed, as cheaply as trust allows."""
