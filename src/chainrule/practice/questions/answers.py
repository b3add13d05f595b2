"""The language of answers: numbers, fractions, expressions. Read into postfix, computed on floats; nothing is executed.

web/src/notes/practice/answers.ts reads the same language; contract/marking.json holds both to it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from chainrule.errors import ParseError

LONGEST = 1000
_MINUS = "−–—‐‑‒﹣－"
_SAME = {**dict.fromkeys(_MINUS, "-"), **dict.fromkeys("×·⋅∙∗✕", "*"), **dict.fromkeys("÷∕⁄", "/"), "٫": "."}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_TOKEN = re.compile(
    r"\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z][A-Za-z0-9_]*)|(\*\*|[-+*/^()]))"
)
_POWER, _SIGN = 4, 3
_LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": _SIGN, "^": _POWER}
CONSTANTS = {"pi": math.pi, "e": math.e}
Postfix = tuple[tuple[str, str], ...]


def normal(text: str) -> str:
    """Return an answer in plain characters: look-alikes of minus, times and digits replaced, superscripts as powers.

    Raises:
        ParseError: it is too long, or holds a character that has no place in an answer.

    >>> normal("−０.５×10⁻³")
    '-0.5*10^(-3)'
    """
    if len(text) > LONGEST:
        raise ParseError(f"The answer has {len(text)} characters; at most {LONGEST} are read.")
    raised = re.sub(f"[{''.join(_RAISED)}]+", _power, text)
    folded = unicodedata.normalize("NFKC", raised.replace("ᵀ", ".T"))
    plain = "".join(_SAME.get(c, c) for c in folded).strip()
    for c in plain:
        if not (32 <= ord(c) < 127 or c in "\t\n\r"):
            raise ParseError(
                f"The character {c} (U+{ord(c):04X}) cannot be read here. Write plain digits, letters and + - * / ^ ( )."
            )
    return plain


def _power(found: re.Match[str]) -> str:
    digits = "".join(_RAISED[c] for c in found[0])
    return f"^({digits})"


def number(text: str) -> float:
    """Return the number that an answer stands for: -0.25, 0,25, 1/3, 2e-3, exp(-1), 1/(1+exp(-0.4)).

    Raises:
        ParseError: it is empty, cannot be read, or is not a finite number.

    >>> number("1/4"), number("0,25")
    (0.25, 0.25)
    """
    plain = normal(text)
    if "," in plain:
        if "." in plain:
            raise ParseError("A comma and a point in one number: write 1234.5, with a point only.")
        plain = re.sub(r"(\d),(\d)", r"\1.\2", plain)
        if "," in plain:
            raise ParseError("The comma cannot be read here. Write one number.")
    value = compute(postfix(plain), {})
    if not math.isfinite(value):
        raise ParseError("The answer is not a finite number.")
    return value


@lru_cache(maxsize=4096)
def postfix(text: str) -> Postfix:
    """Return a formula in postfix order: ("number", "0.5"), ("name", "w"), ("call", "exp"), ("do", "+").

    Raises:
        ParseError: it cannot be read; says which piece and what to write.
    """
    output: list[tuple[str, str]] = []
    waiting: list[str] = []
    operand = True  # whether a value may come next
    for kind, word in _tokens(text):
        if kind == "operator" and word not in "()":
            operand = _operator(word, operand, output, waiting)
        elif word == ")":
            _close(operand, output, waiting)
            operand = False
        elif not operand:
            raise ParseError(f"Write an operator, such as *, before {word}.")
        elif word == "(":
            waiting.append("(")
        elif kind == "function":
            waiting.append(f"call {word}")
        else:
            output.append((kind, word))
            operand = False
    if operand:
        raise ParseError("The answer is empty." if not text.strip() else "The answer breaks off: a value is missing at its end.")  # fmt: skip
    while waiting:
        word = waiting.pop()
        if word == "(":
            raise ParseError("A bracket is not closed: write ).")
        _put(word, output)
    return tuple(output)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise ParseError(f"{text[place:].strip()[0]!r} cannot be read here. Write numbers, names and + - * / ^ ( ).")  # fmt: skip
        place = match.end()
        digits, word, sign = match.groups()
        if digits:
            found.append(("number", digits))
        elif word:
            called = text[place:].lstrip().startswith("(")
            if called and word not in FUNCTIONS:
                raise ParseError(f"There is no function {word}. The functions are: {', '.join(FUNCTIONS)}.")  # fmt: skip
            found.append(("function" if called else "name", word))
        else:
            found.append(("operator", "^" if sign == "**" else sign))
    return found


def _operator(word: str, operand: bool, output: list[tuple[str, str]], waiting: list[str]) -> bool:
    if operand:
        if word not in "+-":
            raise ParseError(f"A value is missing before {word}.")
        if word == "-":
            waiting.append("neg")
        return True
    level = _LEVEL[word]
    while waiting and waiting[-1] != "(":
        above = _LEVEL.get(waiting[-1], 9)
        if above < level or (above == level and word == "^"):
            break
        _put(waiting.pop(), output)
    waiting.append(word)
    return True


def _close(operand: bool, output: list[tuple[str, str]], waiting: list[str]) -> None:
    if operand:
        raise ParseError("A value is missing before ).")
    while waiting and waiting[-1] != "(":
        _put(waiting.pop(), output)
    if not waiting:
        raise ParseError("There is a ) without its (.")
    waiting.pop()
    if waiting and waiting[-1].startswith("call "):
        _put(waiting.pop(), output)


def _put(word: str, output: list[tuple[str, str]]) -> None:
    output.append(("call", word[5:]) if word.startswith("call ") else ("do", word))


def compute(formula: Postfix, values: Mapping[str, float]) -> float:
    """Return the value of a formula; not a number where it is not defined.

    Raises:
        ParseError: a name has no value.
    """
    stack: list[float] = []
    for kind, word in formula:
        if kind == "number":
            stack.append(float(word))
        elif kind == "name":
            stack.append(_named(word, values))
        elif kind == "call":
            stack.append(_try(FUNCTIONS[word], stack.pop()))
        elif word == "neg":
            stack.append(-stack.pop())
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(_try(_BINARY[word], left, right))
    return stack[0]


def _named(word: str, values: Mapping[str, float]) -> float:
    if word in values:
        return values[word]
    if word in CONSTANTS:
        return CONSTANTS[word]
    known = f" Known: {', '.join(values)}." if values else ""
    raise ParseError(f"{word} is not known here.{known}")


def _try(function: Callable[..., float], *args: float) -> float:
    try:
        value = function(*args)
    except (ArithmeticError, ValueError):
        return math.nan
    return value if isinstance(value, float) else math.nan  # (-8)^(1/3) is complex


def _sigmoid(z: float) -> float:
    e = math.exp(-abs(z))
    return (1.0 if z >= 0 else e) / (1 + e)


def _softplus(z: float) -> float:
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "exp": math.exp, "log": math.log, "ln": math.log, "sqrt": math.sqrt, "tanh": math.tanh, "sigmoid": _sigmoid,
    "relu": lambda z: max(z, 0.0), "step": lambda z: 1.0 if z > 0 else 0.0, "softplus": _softplus,
    "abs": abs, "sin": math.sin, "cos": math.cos, "sign": lambda z: float((z > 0) - (z < 0)),
}  # fmt: skip
_BINARY: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": lambda a, b: a / b, "^": lambda a, b: a**b,
}  # fmt: skip
