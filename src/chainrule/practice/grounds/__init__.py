"""Grounds: what a judgement stands on. Instances, values with error bounds, the model's steps and their mutants, what was seen."""
