"""Practice: a student's own backward pass is run, judged step by step, and its mistakes are named."""
