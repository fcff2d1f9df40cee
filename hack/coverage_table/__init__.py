"""docs/coverage.md: every operation of every cloud, what uses it, what proves it. See __main__."""
