"""What is written so far: the piece of every form below, and the letters that are taken."""

from __future__ import annotations

from dataclasses import dataclass, field

from chainrule.emit.forms import Form
from chainrule.emit.layout import Fenced, Subscript
from chainrule.emit.notation.letters import index_formula, out_indices
from chainrule.emit.notation.pieces import SCRIPT, Piece, script_row


@dataclass(frozen=True)
class Written:
    """The letters that a whole formula takes, and its pieces, by the id of their form."""

    taken: set[str]
    pieces: dict[int, Piece] = field(default_factory=dict[int, Piece])

    def as_array(self, form: Form) -> Piece:
        """Return a form as it stands among arrays: an index formula goes in brackets, with its indices."""
        piece, formula = self.pieces[id(form)], index_formula(form)
        if not formula:
            return piece
        script = script_row(out_indices(formula, self.taken))
        return Piece(Subscript(Fenced(piece.layout), script), SCRIPT, piece.negative)
