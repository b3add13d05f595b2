"""Sheets of exercises with solutions and a marking scheme: PDF, HTML, notebooks, and files for learning platforms."""
