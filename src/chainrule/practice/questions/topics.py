"""Topics: what a teacher or a reader calls several families of questions."""

from __future__ import annotations

CODE = 5  # the family whose answers are functions

# a topic -> the families it draws from
TOPICS = {
    "backprop": (1, 2, 3),
    "by-hand": (1,),
    "graphs": (2,),
    "formulas": (3,),
    "shapes": (4,),
    "code": (CODE,),
    "find-the-bug": (6,),
    "trajectories": (7,),
    "explain": (8,),
    "exam": (1, 2, 3, 4, 6, 7, 8),
}
