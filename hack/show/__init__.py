"""The demo: a stage, a screen and a story."""
