"""Kubernetes operator for the auto-scaling groups of clouds through their own APIs."""
