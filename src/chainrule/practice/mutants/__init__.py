"""Mutants: the wrong formulas that a step's own formula turns into when it is written with a known mistake."""
