"""cloudsim: auto-scaling clouds on loopback, built from the vendors' documents and from nothing else."""
