"""The drawings of the notes: what Python prepares for each widget of a lesson, in one module per room of web/src/notes."""
