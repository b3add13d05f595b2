"""Whose value a student's variable holds, by its name: dZ1, dz1, d_Z1, grad_Z1, Z1_grad, dL_dZ1, grads[Z1] are all dZ1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

_GRADIENT = [
    r"d[LJECl]_?d_?(?P<base>.+)",
    r"d_?(?:[Ll]oss|[Cc]ost|[Ee]rr|[Ee]rror)_?d_?(?P<base>.+)",
    r"(?:grads?|gradients?|nabla|dell?|partial|deriv)_?(?:of_?|wrt_?|[LJECl]_)?(?P<base>.+)",
    r"(?P<base>.+?)_?(?:grads?|gradients?|bar|adj)",
    r"[dDg]_?(?P<base>.+)",
]
_DELTA = r"delta_?(?P<base>.+)"
_HOLDERS = re.compile(
    r"(?:.*\.)?(?:d|g|grads?|gradients?|d_?params?|d_?parameters|derivs?|derivatives?|nablas?|deltas?)",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?P<holder>.*?)[.\[](?P<key>[^.\[\]]+)\]?")


def plain(name: str) -> str:
    """Return a name without underscores, brackets and quotes.

    >>> plain("W_1"), plain("W[0]")
    ('W1', 'W0')
    """
    return re.sub(r"[_\[\]'\". ]", "", name)


class Names:
    """The values of a model by name: `values` and parameters by label, and what else they are called (`aliases`)."""

    def __init__(self, labels: Iterable[str], aliases: Mapping[str, str] | None = None) -> None:
        self.labels = list(labels)
        self.aliases: dict[str, str] = dict(aliases or {})
        self.gradients: dict[
            str, str
        ] = {}  # variables known to hold a gradient, whatever their name
        self.learned: set[str] = set()  # the aliases that were seen to hold a value at some moment

    def told(self) -> Names:
        """Return the names without what was learned: a loop calls every layer's value the same."""
        kept = {name: label for name, label in self.aliases.items() if name not in self.learned}
        return Names(self.labels, kept)

    def value(self, name: str) -> str | None:
        """Return the label of the value that a variable is named after: "z_1" is Z1."""
        for spelled in _spellings(name):
            found = self._label(spelled)
            if found is not None:
                return found
        return None

    def gradient(self, name: str) -> str | None:
        """Return the label of the value whose gradient a variable is named after: "dz1" is Z1."""
        if name in self.gradients:
            return self.gradients[name]
        for base in _bases(name):
            found = self._label(base)
            if found is not None:
                return found
        return None

    def _label(self, name: str) -> str | None:
        if name in self.labels:
            return name
        if name in self.aliases:
            return self.aliases[name]
        for form in (plain, _folded):
            found = {label for label in self.labels if form(label) == form(name)}
            found = found or {v for k, v in self.aliases.items() if form(k) == form(name)}
            if len(found) == 1:
                return found.pop()
        return None


def _folded(name: str) -> str:
    return plain(name).lower()


def _spellings(name: str) -> list[str]:
    """Return a variable's name, and the key alone where it is kept in a container: cache[Z1], self.Z1."""
    match = _PATH.fullmatch(name)
    if match is None or match["key"].isdigit():
        return [name]
    return [] if _HOLDERS.fullmatch(match["holder"]) else [match["key"]]


def _bases(name: str) -> Iterator[str]:
    match = _PATH.fullmatch(name)
    if match and not match["key"].isdigit():
        if _HOLDERS.fullmatch(match["holder"]):
            yield match["key"]
        name = match["key"]
    for pattern in _GRADIENT:
        found = re.fullmatch(pattern, name)
        if found:
            yield found["base"]
    found = re.fullmatch(_DELTA, name, re.IGNORECASE)
    if found:
        yield from (f"Z{found['base']}", found["base"])
