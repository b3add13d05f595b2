"""One graph, many tongues: formulas and programs. Pure: graph in, text out."""
