"""A derivation as people read it: numbered steps and pages, in every tongue. Knows no numbers."""
