"""Scenarios, a file for each subject; each function in a `LIVES` is one, and needs no other."""
