"""Kubernetes operator for the auto-scaling groups of four clouds."""
