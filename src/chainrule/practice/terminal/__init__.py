"""Practice in the terminal: a folder of files with holes, watched and marked. Every question and verdict comes from elsewhere."""
