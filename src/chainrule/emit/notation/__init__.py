"""A form as mathematics: its letters, signs, fractions and brackets, decided once for every maths tongue."""
