"""The Kubernetes API: the adapter behind ports.Kube. Imported by app; engine and handlers see the port."""
