"""Scenarios, one file per subject. Each function in `LIVES` is a scenario that runs on its own."""
