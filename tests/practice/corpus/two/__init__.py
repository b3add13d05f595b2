"""The second blind batch of the same teaching assistant: forty wrong passes, twelve right ones, each a file.

It was sealed while the diagnosis was improved on the first, and opened once. The keys are those that were said where they
say what the author wrote in the margin, else what would.
"""

from practice.corpus.files import register, right, wrong

FIRST = {"on": "1 December 2026", "passes": 40, "step": 38, "mistake": 37}
RELABELLED = {}

FILES = {
    "b01_two_layer_linear": right(
        "two_layer_linear", "rows layout with weights transposed and a list of layers"
    ),
    "b02_perceptron": wrong(
        "perceptron",
        "Multiplies by relu(Z1) itself instead of its derivative",
        ("Z1", "activation-for-derivative"),
        hidden="relu",
    ),
    "b03_softmax_classifier": right(
        "softmax_classifier", "class by class, with sums over members of the class"
    ),
    "b04_deep": wrong(
        "deep",
        "Relu of the first hidden layer is not gone back through (loop condition off by one)",
        ("Z_1", "missing-activation-derivative"),
    ),
    "b05_two_layer_linear": wrong(
        "two_layer_linear",
        "W2 forgotten on the way back to the hidden layer",
        ("H", "missing-factor"),
    ),
    "b06_batch_norm": wrong(
        "batch_norm", "Uses the centred values, not the normalised ones", ("gamma", "wrong-value")
    ),
    "b07_deep": wrong(
        "deep",
        "Divided by m only: the mean is over the n_y outputs too",
        ("Y_hat", "wrong-average"),
    ),
    "b08_multivariate": right("multivariate", "mini loops over features, running sums"),
    "b09_layer_norm": wrong(
        "layer_norm",
        "Gamma is used twice, the first use (before the normalisation) is forgotten",
        ("gamma", "missing-term"),
    ),
    "b10_two_layer_sigmoid": wrong(
        "two_layer_sigmoid",
        "Derivative function wants z but is given the activation: sigmoid applied twice",
        ("Z1", "derivative-at-output"),
    ),
    "b11_softmax_classifier": wrong("softmax_classifier", "Y - P instead of P - Y", ("Z", "sign")),
    "b12_two_layer_linear": wrong(
        "two_layer_linear",
        "Summed over the hidden units too: np.sum without axis=1",
        ("b1", "wrong-axis"),
    ),
    "b13_logistic": wrong(
        "logistic",
        "Second term of the cross-entropy's derivative has the wrong sign",
        ("A", "sign"),
    ),
    "b14_logistic": right("logistic", "bias as an additional row of ones"),
    "b15_perceptron": right(
        "perceptron", "sub-network of the active units, example by example", hidden="relu"
    ),
    "b16_univariate": wrong(
        "univariate",
        "Derivative of the absolute error, not of the squared error",
        ("y_hat", "another-loss"),
    ),
    "b17_rnn": right("rnn", "W, U and b stacked into one matrix"),
    "b18_two_layer_sigmoid": right(
        "two_layer_sigmoid", "1/m only at the end, sigmoid derivative from exponentials"
    ),
    "b19_two_layer_sigmoid": wrong(
        "two_layer_sigmoid",
        "Sigmoid derivative at the output, which is linear",
        ("Y_hat", "extra-activation-derivative"),
    ),
    "b20_ridge": wrong("ridge", "Gradient of the L2 penalty is forgotten", ("w", "missing-term")),
    "b21_logistic": wrong(
        "logistic",
        "Dw divided by m a second time; db has a minus sign too many",
        ("w", "extra-1-over-m"),
        ("b", "sign"),
    ),
    "b22_perceptron": right("perceptron", "examples as rows; A2 - Y split by the two classes"),
    "b23_poisson": wrong(
        "poisson", "Residual with eta instead of the rate exp(eta)", ("eta", "wrong-value")
    ),
    "b24_perceptron": wrong(
        "perceptron", "(1 - A1)^2 instead of 1 - A1^2", ("Z1", "wrong-exponent"), hidden="tanh"
    ),
    "b25_perceptron": wrong(
        "perceptron",
        "Relu ignored on the way back",
        ("Z1", "missing-activation-derivative"),
        hidden="relu",
    ),
    "b26_multivariate": wrong(
        "multivariate", "Not summed over the batch: one db per example", ("b", "missing-sum")
    ),
    "b27_batch_norm": right(
        "batch_norm", "Jacobian of the normalisation as a matrix, unit by unit"
    ),
    "b28_perceptron": wrong(
        "perceptron", "Db1 summed from dA1 instead of dZ1", ("b1", "wrong-value")
    ),
    "b29_logistic": wrong(
        "logistic",
        "Divides by the number of features (X.shape[0]) instead of the number of examples",
        ("Z", "wrong-average"),
    ),
    "b30_perceptron": wrong(
        "perceptron",
        "Tanh derivative with Z1 instead of A1: 1 - Z1^2",
        ("Z1", "derivative-at-input"),
        hidden="tanh",
    ),
    "b31_logistic": wrong(
        "logistic",
        "Averaged twice: divided by m although the mean was taken already",
        ("w", "extra-1-over-m"),
    ),
    "b32_two_layer_linear": wrong(
        "two_layer_linear",
        "The two bias gradients are swapped in the result",
        ("b2", "swapped-gradients"),
        ("b1", "swapped-gradients"),
    ),
    "b33_univariate": right("univariate", "centred: mean part and slope part separately"),
    "b34_two_layer_sigmoid": wrong(
        "two_layer_sigmoid",
        "Db2 is a mean, although dY_hat has the 1/m already; derivative of tanh for a sigmoid",
        ("b2", "mean-for-sum"),
        ("Z1", "another-activation-derivative"),
    ),
    "b35_rnn": wrong(
        "rnn",
        "W instead of W transposed when going back in time",
        ("h_2", "transposed-operand"),
        ("h_1", "transposed-operand"),
    ),
    "b36_perceptron": wrong(
        "perceptron",
        "Dw2 is not divided by m; slope 0.01 for negative Z1: that is leaky relu",
        ("w2", "missing-1-over-m"),
        ("Z1", "another-activation-derivative"),
        hidden="relu",
    ),
    "b37_perceptron": wrong(
        "perceptron",
        "Db2 is not divided by m; 1/cosh instead of 1/cosh^2",
        ("b2", "missing-1-over-m"),
        ("Z1", "wrong-exponent"),
        hidden="tanh",
    ),
    "b38_univariate": wrong(
        "univariate", "Y - y_hat, but without the minus in front", ("y_hat", "sign")
    ),
    "b39_logistic": wrong(
        "logistic", "Db is not averaged: 1/m is missing", ("b", "missing-1-over-m")
    ),
    "b40_batch_norm": wrong(
        "batch_norm", "Gradient through the mean is forgotten", ("Z", "missing-term")
    ),
    "b41_multivariate": wrong(
        "multivariate", "Bias forgotten in w X X^T - Y X^T", ("w", "missing-term")
    ),
    "b42_softmax_classifier": wrong(
        "softmax_classifier",
        "Averages over the classes too: divided by Y.size",
        ("Z", "wrong-average"),
    ),
    "b43_matrix_factorization": wrong(
        "matrix_factorization", "Uses U after it has been updated", ("V", "already-updated-weights")
    ),
    "b44_univariate": wrong(
        "univariate", "Copied from dw: db must not contain x", ("b", "extra-factor")
    ),
    "b45_perceptron": wrong(
        "perceptron",
        "Mask inverted: zero where Z1 is positive",
        ("Z1", "wrong-value"),
        hidden="relu",
    ),
    "b46_attention": wrong("attention", "DS is not transposed in dK", ("K", "transposed-operand")),
    "b47_two_layer_sigmoid": wrong(
        "two_layer_sigmoid",
        "Sigmoid derivative incomplete: (1 - A1) is missing",
        ("Z1", "missing-factor"),
    ),
    "b48_logistic": right("logistic", "through tanh: the sigmoid is (1 + tanh(z/2)) / 2"),
    "b49_univariate": wrong(
        "univariate", "Factor 2 of the square is missing", ("y_hat", "missing-factor-2")
    ),
    "b50_attention": wrong(
        "attention",
        "1/sqrt(d_k) is missing in the backward pass",
        ("Q", "wrong-coefficient"),
        ("K", "wrong-coefficient"),
    ),
    "b51_two_layer_sigmoid": right(
        "two_layer_sigmoid", "torch tensors, outer products summed over the batch"
    ),
    "b52_softmax_classifier": wrong(
        "softmax_classifier",
        "Subtracts 1 at the predicted class, not at the true one",
        ("Z", "wrong-value"),
    ),
}
register(__name__, FILES)
