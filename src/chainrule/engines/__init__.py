"""Engines: ways to run many descent steps of one program. All give the same numbers, to rounding."""
