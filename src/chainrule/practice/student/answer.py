"""Reads gradients by parameter out of what a function returned: a dict, a tuple in order, an object; with or without the loss."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chainrule.practice.student.names import Names, plain
from chainrule.practice.student.returned import Branch, Leaf, Tree, leaves


@dataclass
class Answer:
    """The gradients by label (`W1`, `W[0]`), the loss if there was one, remarks, and why nothing could be read."""

    gradients: dict[str, Leaf] = field(default_factory=dict[str, Leaf])
    loss: Leaf | None = None
    notes: list[str] = field(default_factory=list[str])
    problem: str = ""


def read_answer(
    tree: Tree, labels: Sequence[str], aliases: Mapping[str, str] | None = None
) -> Answer:
    """Return the gradients in what a function returned.

    Args:
        tree: what was returned.
        labels: the parameters in order, lists spread out: ["W[0]", "W[1]", "b"].
        aliases: what the student calls parameters.

    Returns:
        An Answer; `problem` says why where nothing could be read.
    """
    names = Names(labels, {k: v for k, v in (aliases or {}).items() if v in labels})
    answer = Answer()
    if isinstance(tree, Leaf):
        return _single(tree, labels, answer)
    body = _without_loss(tree, len(labels), len(_groups(labels)), answer)
    if isinstance(body, Leaf):
        return _single(body, labels, answer)
    if body.kind == "sequence":
        _in_order(body, labels, names, answer)
    else:
        _by_name(body, labels, names, answer)
    return answer


def _single(leaf: Leaf, labels: Sequence[str], answer: Answer) -> Answer:
    if leaf.numbers is not None and len(labels) == 1:
        answer.gradients[labels[0]] = leaf
        return answer
    wanted = "{" + ", ".join(f'"{label}": ...' for label in labels) + "}"
    said = "nothing (None)" if leaf.kind == "NoneType" else f"one {leaf.kind}"
    answer.problem = (
        f"the function returned {said}. Return the gradients by name, as in return {wanted}."
    )
    return answer


def _without_loss(tree: Branch, count: int, groups: int, answer: Answer) -> Tree:
    """Take the loss out of (loss, gradients), (gradients, loss) or (loss, dW1, db1, ...)."""
    if tree.kind != "sequence":
        return tree
    parts = [item for _, item in tree.items]
    if len(parts) == 2:
        for loss, rest in (parts, parts[::-1]):
            if _is_number(loss) and isinstance(rest, Branch):
                answer.loss = loss if isinstance(loss, Leaf) else None
                return rest
    if len(parts) in (count + 1, groups + 1) and _is_number(parts[0]):
        answer.loss = parts[0] if isinstance(parts[0], Leaf) else None
        return Branch("sequence", tree.items[1:])
    return tree


def _is_number(tree: Tree) -> bool:
    return isinstance(tree, Leaf) and tree.numbers is not None and tree.numbers.array.size == 1


def _groups(labels: Sequence[str]) -> dict[str, list[str]]:
    """Return the labels of every argument: {"W": ["W[0]", "W[1]"], "b2": ["b2"]}."""
    found: dict[str, list[str]] = {}
    for label in labels:
        found.setdefault(label.partition("[")[0], []).append(label)
    return found


def _in_order(body: Branch, labels: Sequence[str], names: Names, answer: Answer) -> None:
    flat = list(leaves(body))
    if len(flat) != len(labels):
        answer.problem = (
            f"the function returned {len(flat)} arrays, and the model has {len(labels)} parameters: {', '.join(labels)}. "
            "Return one gradient for each, in this order, or a dict by name."
        )
        return
    own = [names.gradient(leaf.variable) for leaf in flat]
    if None not in own and sorted(map(str, own)) == sorted(labels) and own != list(labels):
        answer.notes.append(
            f"the gradients were returned in the order {', '.join(map(str, own))}; they were read by the names of their "
            f"variables. The parameters' own order is {', '.join(labels)}."
        )
        answer.gradients.update({str(label): leaf for label, leaf in zip(own, flat, strict=True)})
        return
    answer.gradients.update(zip(labels, flat, strict=True))


def _by_name(body: Branch, labels: Sequence[str], names: Names, answer: Answer) -> None:
    groups = _groups(labels)
    for key, item in _opened(body):
        if plain(key).lower() in ("loss", "cost", "l", "j") and _is_number(item):
            answer.loss = item if isinstance(item, Leaf) else None
            continue
        group = _group_of(key, groups)
        if isinstance(item, Branch) and group:
            for label, (_, part) in zip(groups[group], item.items, strict=False):
                if isinstance(part, Leaf):
                    answer.gradients[label] = part
        elif isinstance(item, Leaf):
            label = names.value(key) or names.gradient(key)
            if label is not None:
                answer.gradients.setdefault(label, item)
    _renumber(body, groups, answer)
    if not answer.gradients:
        found = ", ".join(repr(key) for key, _ in body.items) or "nothing"
        answer.problem = (
            f"the function returned {found}, and none of these is a gradient of {', '.join(labels)}. "
            "Name the gradients after their parameters."
        )


def _opened(body: Branch) -> list[tuple[str, Tree]]:
    """Return the items, those of an inner mapping such as {"grads": {...}} among them."""
    found: list[tuple[str, Tree]] = []
    for key, item in body.items:
        inner = isinstance(item, Branch) and item.kind != "sequence"
        found += item.items if isinstance(item, Branch) and inner else [(key, item)]
    return found


def _group_of(key: str, groups: Mapping[str, list[str]]) -> str | None:
    names = Names([name for name, labels in groups.items() if labels != [name]])
    return names.value(key) or names.gradient(key)


def _renumber(body: Branch, groups: Mapping[str, list[str]], answer: Answer) -> None:
    """Read W1, W2, W3 as W[0], W[1], W[2]: some count from 1."""
    for name, labels in groups.items():
        if labels == [name]:
            continue
        found: dict[int, Leaf] = {}
        for key, item in _opened(body):
            match = re.fullmatch(rf"(?:d|grad)?{re.escape(name)}(\d+)", plain(key))
            if match and isinstance(item, Leaf):
                found[int(match[1])] = item
        if sorted(found) == list(range(1, len(labels) + 1)):
            answer.gradients.update({labels[i - 1]: leaf for i, leaf in found.items()})
