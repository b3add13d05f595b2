"""The printed notes: all chapters' mathematics with worked numbers and figures, as one document in Typst and one PDF."""
