"""Optimizers: one rule each, written with the operations of the table; schedules of the learning rate; baselines."""
