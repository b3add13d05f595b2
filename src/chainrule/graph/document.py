"""Values in a document that nobody vouches for: each is checked when it is read, and refused with where it stands."""

from __future__ import annotations

import re
import reprlib
from fractions import Fraction
from typing import Any, NoReturn, cast

from chainrule.errors import DataError
from chainrule.graph.nodes import Shape

LONGEST_TEXT = 1000  # of a name or a shape, in characters
MOST_DIGITS = 3000  # of a numerator or denominator; Python itself reads no more than 4,300
SIZE = re.compile(r"[1-9][0-9]{0,17}")
_NUMBER = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}(/[1-9][0-9]{{0,{MOST_DIGITS - 1}}})?")
_TOO_LARGE = 2**62  # for a position in a list or an axis


class Place:
    """A value in a document, and where it stands there. Each method returns it checked."""

    def __init__(self, value: Any, where: str) -> None:
        self.value, self.where = value, where

    def refuse(self, why: str) -> NoReturn:
        """Refuse the value, and say where it stands."""
        raise DataError(f"{self.where} {why}")

    def must_be(self, what: str) -> NoReturn:
        """Refuse the value for not being what it must be."""
        try:
            shown = reprlib.repr(self.value)
        except ValueError:  # Python does not print an integer of more than 4,300 digits
            shown = "a huge number"
        self.refuse(f"is {shown}, not {what}")

    def __getitem__(self, key: str) -> Place:
        entries = self.entries()
        return entries[key] if key in entries else self.refuse(f"has no {key!r}")

    def entries(self) -> dict[str, Place]:
        """Return the entries of an object."""
        found = self.value
        if not isinstance(found, dict):
            self.must_be("an object of a model")
        return {
            Place(key, f"a key of {self.where}").text(): Place(value, f"{key!r} of {self.where}")
            for key, value in cast("dict[object, object]", found).items()
        }

    def items(self) -> list[Place]:
        """Return the items of a list."""
        found = self.value
        if not isinstance(found, list):
            self.must_be("a list")
        items = enumerate(cast("list[object]", found))
        return [Place(value, f"item {i} of {self.where}") for i, value in items]

    def whole(self) -> int:
        """Return a whole number."""
        if type(self.value) is not int or abs(self.value) >= _TOO_LARGE:  # True is an int, too
            self.must_be("a whole number that can be used")
        return self.value

    def wholes(self) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        return tuple(item.whole() for item in self.items())

    def truth(self) -> bool:
        """Return true or false."""
        return self.value if isinstance(self.value, bool) else self.must_be("true or false")

    def number(self) -> Fraction:
        """Return an exact number."""
        text = self.text(longest=2 * MOST_DIGITS + 2)
        return (
            Fraction(text)
            if _NUMBER.fullmatch(text)
            else self.must_be("an exact number such as '1/2'")
        )

    def text(self, longest: int = LONGEST_TEXT) -> str:
        """Return text that is not too long."""
        if not isinstance(self.value, str):
            self.must_be("text")
        if len(self.value) > longest:
            self.refuse(f"has {len(self.value)} characters, more than {longest}")
        return self.value

    def title(self) -> str:
        """Return text of one line that can stand in a program's comment or docstring."""
        text = self.text()
        if not text.isprintable() or '"' in text or "\\" in text:
            self.must_be("a name on one line, without quotation marks and backslashes")
        return text

    def label(self) -> str:
        """Return the name of a value: that of a variable, or of an item in one, such as A[1]."""
        if not self.title().partition("[")[0].isidentifier():
            self.must_be("the name of a value such as Z1 or A[1]")
        return self.title()

    def identifier(self) -> str:
        """Return text that could be a variable's name."""
        return text if (text := self.text()).isidentifier() else self.must_be("an identifier")

    def shape(self) -> Shape:
        """Return the dims of a shape."""
        dims = tuple(self.text().split(" ")) if self.text() else ()
        if not all(dim.isidentifier() or SIZE.fullmatch(dim) for dim in dims):
            self.must_be("a shape such as 'n_x m'")
        return dims
