"""What people see of a running operator besides status and Events: logs and metrics."""
