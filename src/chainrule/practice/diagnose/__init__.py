"""Diagnosis: which step of a backward pass is the first wrong one, and what kind of mistake it is."""
