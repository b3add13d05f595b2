"""The student's function: how it is called, what is recorded while it runs, how its numbers are read. Judges nothing."""
