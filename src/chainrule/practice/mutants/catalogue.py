"""The mistakes that have a name: a stable key, what it means in words, and how uncommon it is (a single one costs 1 to 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.explain.formulas import Equation, render
from chainrule.graph.nodes import Node
from chainrule.ops.table import ALONG, TABLE

IDENTIFIED = "wrong-value: identified"  # no mistake: a variable holds an unseen gradient itself


@dataclass(frozen=True)
class Kind:
    """A kind of mistake: what it means, how uncommon it is, and what to do about it."""

    meaning: str
    cost: float
    remedy: str


@dataclass(frozen=True)
class Mutant:
    """A wrong formula for a step: the mistake's key, the formula, how uncommon it is, and what exactly was done.

    `said` holds one {} for each formula of `about`; the message is written only when it is read.
    """

    mistake: str
    formula: Node
    cost: float
    said: str
    about: tuple[Node, ...] = ()

    @property
    def message(self) -> str:
        """What exactly was done."""
        return self.said.format(*(text(node) for node in self.about))

    def over(self, formula: Node) -> Mutant:
        """Return the same mistake inside a larger formula."""
        return Mutant(self.mistake, formula, self.cost, self.said, self.about)


def text(node: Node) -> str:
    """Return a formula as text."""
    return render(Equation(None, (node,)), "text")


_OWN = {
    # activation derivatives
    "missing-activation-derivative": Kind(
        "the derivative of the activation was left out", 1.0, "multiply by the derivative"
    ),
    "extra-activation-derivative": Kind(
        "a derivative of an activation was multiplied in that is not there",
        1.4,
        "take the factor away",
    ),
    "another-activation-derivative": Kind(
        "the derivative of another activation was used", 1.6, "use this activation's own derivative"
    ),
    "derivative-at-output": Kind(
        "the derivative was taken at the output instead of the input",
        1.5,
        "take it at the pre-activation",
    ),
    "derivative-at-input": Kind(
        "the derivative's formula is for the output, and the input was put into it",
        1.5,
        "put the activation's output into the formula",
    ),
    "activation-for-derivative": Kind(
        "the activation itself was used where its derivative is meant",
        1.6,
        "multiply by the derivative",
    ),
    "softmax-elementwise": Kind(
        "softmax was differentiated entry by entry, as if it were a sigmoid",
        1.2,
        "subtract the weighted sum: every probability depends on every score",
    ),
    "divided-by-derivative": Kind(
        "the upstream gradient was divided by the derivative", 2.5, "multiply by it"
    ),
    # factors and terms
    "missing-factor": Kind("a factor was left out", 2.0, "multiply by it"),
    "extra-factor": Kind("a factor was multiplied in that is not there", 2.0, "leave it out"),
    "doubled-factor": Kind("a factor was used twice", 2.4, "use it once"),
    "inverse": Kind("a factor is above the line that belongs below, or the other way round", 2.4, "turn it over"),
    "missing-term": Kind(
        "a term of the sum was left out (a value used twice gets a gradient from each use)",
        1.6,
        "add all contributions up",
    ),
    "extra-term": Kind("a term was added that is not there", 1.8, "leave it out"),
    "sign": Kind("the sign is wrong", 1.4, "change the sign"),
    "wrong-value": Kind("another value of the same shape was used", 1.9, "use the right one"),
    "wrong-coefficient": Kind("a constant factor is wrong", 2.3, "set the factor right"),
    "wrong-exponent": Kind("an exponent is wrong", 2.2, "set the exponent right"),
    "missing-parentheses": Kind("parentheses are missing", 1.7, "put the sum in parentheses"),
    "averaged-too-early": Kind(
        "the mean was taken of each factor, and the mean of a product is not the product of the means",
        1.7,
        "multiply first, then average",
    ),
    "wrong-case": Kind("one case of a function with cases is wrong", 1.8, "go through the cases one by one"),
    "not-differentiated": Kind("a function itself stands where its derivative is meant", 1.8, "differentiate it"),
    "missing-entry": Kind("an entry of the result was left out", 1.8, "let the loop run over all of them"),
    "another-loss": Kind("the derivative is that of another loss", 2.1, "differentiate the model's own loss"),
    "another-penalty": Kind("the penalty's derivative is another one's", 1.9, "differentiate the model's own penalty"),
    "missing-square": Kind("a square was left out", 2.0, "square it"),
    "missing-function": Kind("a function was left out", 2.0, "apply the function"),
    "extra-activation": Kind("an activation was applied that is not in the model", 2.0, "leave it out"),
    "another-activation": Kind("another activation was applied", 1.9, "apply the model's own"),
    # constants
    "missing-1-over-m": Kind("the division of the mean, by the number of its terms, is missing", 1.0, "divide by it, once"),
    "extra-1-over-m": Kind("the division of the mean, by the number of its terms, was made twice", 1.2, "divide once"),
    "missing-factor-2": Kind("the 2 of the square is missing", 1.0, "multiply by 2"),
    "extra-factor-2": Kind("there is a factor 2 too many", 1.4, "leave the 2 out"),
    "wrong-average": Kind("it was averaged over the wrong number of entries", 1.6, "divide by the model's own number"),
    "learning-rate-included": Kind("the gradient was multiplied by the learning rate", 1.0, "return the gradient itself"),
    "updated-weights-returned": Kind("the updated parameter was returned, not its gradient", 1.0, "return the gradient; the update is another step"),
    "swapped-gradients": Kind("two gradients were returned in each other's place", 1.2, "exchange them"),
    # sums and shapes
    "missing-example": Kind("an example was left out of the sum", 1.8, "let the loop run over all of them"),
    "missing-sum": Kind("a sum is missing", 1.2, "add up over the axis that was broadcast"),
    "mean-for-sum": Kind("the mean was taken where the sum is meant", 1.2, "write np.sum"),
    "wrong-axis": Kind("the sum was taken over the wrong axis", 1.3, "change the axis"),
    "summed-everything": Kind("everything was added up, with no axis", 1.4, "name the axis"),
    "missing-keepdims": Kind("an axis of size 1 was lost", 1.2, "write keepdims=True"),
    "transposed-result": Kind("the result is transposed", 1.3, "transpose it"),
    "transposed-operand": Kind("an operand is transposed, or is not where it should be", 1.6, "change the .T"),
    "reshaped-for-transposed": Kind(
        "reshape was used where a transpose is meant: the shape fits, and the entries are in the wrong places",
        1.3,
        "write .T",
    ),
    "transpose": Kind("a matrix product does not fit: a transpose is missing or too many", 1.0, "change the .T"),
    "elementwise-for-matmul": Kind("* stands where @ is meant", 1.2, "write @"),
    "matmul-for-elementwise": Kind("@ stands where * is meant", 1.2, "write *"),
    "broadcast": Kind("two arrays were broadcast against each other by accident", 1.5, "give both the same axes"),
    # what is not in a formula
    "already-updated-weights": Kind(
        "the weights had already been updated when they were used", 1.5, "compute all gradients first, then update"
    ),
    "changed-in-place": Kind("a value was changed in place before it was used", 1.8, "write to a new variable"),
    # steps of optimizers
    "ascent": Kind("the step was added, and it is to be taken away", 1.0, "take the step away from the weight"),
    "bias-correction": Kind("the bias correction was left out", 1.0, "divide by 1 − βᵗ"),
    "epsilon-inside": Kind("epsilon was added inside the root", 1.2, "add it to the root"),
    "betas-swapped": Kind("the two betas were exchanged", 1.2, "β₁ belongs to m, β₂ to v"),
    "another-form": Kind("the rule is that of another form of the method", 1.2, "read the rule again"),
    "step-number": Kind("the number of the step is off by one", 1.3, "the first step is t = 1"),
    # what was returned
    "missing-gradient": Kind("a gradient was not returned", 1.0, "return it"),
    "not-finite": Kind("the result is not a finite number", 1.0, "look for a division by 0 or an overflow"),
    "zero-gradient": Kind("the gradient is 0 everywhere", 1.0, "compute it"),
    "not-numbers": Kind("the result is not an array of numbers", 1.0, "return arrays"),
    "raises": Kind("the function raises an error", 1.0, "see the message"),
    "timeout": Kind("the function did not come to an end", 1.0, "look for an endless loop"),
    "out-of-memory": Kind("the function took more memory than it may", 1.0, "look for an array that keeps growing"),
    "exits": Kind("the function ended the program", 1.0, "leave exit() out"),
    "not-deterministic": Kind("two calls with the same input gave different results", 1.0, "leave random numbers out"),
}  # fmt: skip


def _from_the_table() -> dict[str, Kind]:
    """Return the mistakes that the rule table's records carry and that are not named above."""
    found: dict[str, Kind] = {}
    for record in (*TABLE.values(), *ALONG.values()):
        for mistake in record.mistakes:
            if mistake.key not in _OWN:
                found.setdefault(
                    mistake.key, Kind(mistake.message, 1.5, f"the rule: {record.rule}")
                )
    return found


KINDS: Mapping[str, Kind] = {**_OWN, **_from_the_table()}


def kind(mistake: str) -> Kind:
    """Return the kind of a mistake; a remark after a colon does not count."""
    return KINDS[mistake.partition(":")[0]]


def mutant(mistake: str, formula: Node, said: str, *about: Node, extra: float = 0.0) -> Mutant:
    """Return a mutant of a kind; `extra` is what makes it less common than its kind."""
    return Mutant(mistake, formula, kind(mistake).cost + extra, said, about)
