"""Questions: generated from a model and a seed, marked step by step. Nothing here holds a hand-typed answer."""
