"""Saying it: where, by which rule, with which numbers, and the fix. Judges nothing."""
