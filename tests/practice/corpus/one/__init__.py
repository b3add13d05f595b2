"""A blind batch by a teaching assistant who had not seen the tool: forty wrong passes, twelve right ones, each a file.

The files are as they were written. The keys say what the author wrote in the margin; `FIRST` is what was named when the
batch was first run, judged by hand against the margin.
"""

from practice.corpus.files import register, right, wrong

FIRST = {"on": "1 December 2026", "passes": 40, "step": 33, "mistake": 31}
RELABELLED = {
    "a07_logistic": "sigmoid(yz) for sigmoid(-yz) is the sigmoid of -Z, which has no variable of its own: the step is A, before dZ",
}

FILES = {
    "a01_ridge": wrong("ridge", "Bias is penalised as well", ("b", "extra-term")),
    "a02_two_layer_linear": wrong(
        "two_layer_linear", "Hidden layer without its bias in dw2", ("w2", "missing-term")
    ),
    "a03_two_layer_sigmoid": right("two_layer_sigmoid", "every neuron by itself"),
    "a04_logistic": wrong(
        "logistic",
        "Extra sigmoid derivative: A - Y already contains it",
        ("Z", "extra-activation-derivative"),
    ),
    "a05_perceptron": wrong(
        "perceptron",
        "Back-propagates dA2 instead of dZ2 into the hidden layer",
        ("A1", "wrong-value"),
    ),
    "a06_logistic": right("logistic", "plain Python floats and math, example by example"),
    "a07_logistic": wrong(
        "logistic", "With labels +-1: sigmoid(y z) instead of sigmoid(-y z)", ("A", "sign")
    ),
    "a08_univariate": wrong("univariate", "Multiplies by w instead of x", ("w", "wrong-value")),
    "a09_deep": wrong(
        "deep",
        "Relu derivative at the output layer too, which is linear",
        ("Y_hat", "extra-activation-derivative"),
    ),
    "a10_multivariate": wrong(
        "multivariate",
        "Error taken as Y - Y_hat, sign lost; db is the mean of dY instead of the sum (1/m twice)",
        ("Y_hat", "sign"),
        ("b", "mean-for-sum"),
    ),
    "a11_perceptron": wrong(
        "perceptron",
        "Sigmoid of the output forgotten: dA2 used as dZ2",
        ("Z2", "missing-activation-derivative"),
        hidden="tanh",
    ),
    "a12_two_layer_sigmoid": wrong(
        "two_layer_sigmoid", "Never divided by m", ("Y_hat", "missing-1-over-m")
    ),
    "a13_perceptron": right(
        "perceptron", "mask by np.heaviside, 1/m first, everything in one dictionary", hidden="relu"
    ),
    "a14_attention": wrong(
        "attention",
        "Softmax backward sums over the wrong axis (columns instead of rows)",
        ("S", "wrong-axis"),
    ),
    "a15_two_layer_sigmoid": wrong(
        "two_layer_sigmoid", "Uses the pre-activation Z1 instead of A1", ("w2", "wrong-value")
    ),
    "a16_perceptron": wrong(
        "perceptron",
        "Relu mask taken from the gradient's sign instead of Z1's",
        ("Z1", "wrong-value"),
        hidden="relu",
    ),
    "a17_perceptron": wrong(
        "perceptron",
        "1/m twice: in dZ2 and again in every layer",
        ("w2", "extra-1-over-m"),
        ("b2", "mean-for-sum"),
        ("W1", "extra-1-over-m"),
        ("b1", "mean-for-sum"),
    ),
    "a18_batch_norm": wrong(
        "batch_norm", "Mean and variance treated as constants", ("Z", "missing-term")
    ),
    "a19_univariate": wrong(
        "univariate",
        "Loop stops one short: the last example is left out",
        ("w", "missing-example"),
        ("b", "missing-example"),
    ),
    "a20_huber_regression": wrong(
        "huber_regression",
        "Sign missing for the outliers: +delta for negative errors too",
        ("Y_hat", "sign"),
    ),
    "a21_two_layer_linear": wrong(
        "two_layer_linear",
        "Keepdims forgotten: db1 has shape (n_h,) and not (n_h, 1)",
        ("b1", "missing-keepdims"),
    ),
    "a22_perceptron": right(
        "perceptron",
        "1 - tanh^2 as (1 - a)(1 + a), broadcasting instead of a product with w2.T",
        hidden="tanh",
    ),
    "a23_softmax_classifier": right(
        "softmax_classifier", "full Jacobian diag(p) - p p^T for every example"
    ),
    "a24_two_layer_linear": wrong(
        "two_layer_linear",
        "Factor 2 is missing; mean over the batch instead of the sum for db1 (1/m twice)",
        ("Y_hat", "missing-factor-2"),
        ("b1", "mean-for-sum"),
    ),
    "a25_perceptron": wrong(
        "perceptron",
        "Sigmoid's derivative although the hidden layer is tanh",
        ("Z1", "another-activation-derivative"),
        hidden="tanh",
    ),
    "a26_logistic": wrong("logistic", "Bias left out of the forward pass", ("Z", "missing-term")),
    "a27_logistic": wrong(
        "logistic",
        "The gradient is overwritten in the loop instead of accumulated",
        ("w", "missing-sum"),
    ),
    "a28_logistic": wrong(
        "logistic", "Y - A: sign of the error is the wrong way round", ("Z", "sign")
    ),
    "a29_multivariate": wrong(
        "multivariate",
        "Divides by X.size (all entries) instead of the number of examples",
        ("Y_hat", "wrong-average"),
    ),
    "a30_softmax_classifier": wrong(
        "softmax_classifier",
        "Only the diagonal of the softmax Jacobian",
        ("Z", "softmax-elementwise"),
    ),
    "a31_attention": right("attention", "query by query; W_Q and W_K through their product"),
    "a32_matrix_factorization": wrong(
        "matrix_factorization",
        "Factor 2 missing in the regularisation term",
        ("U", "missing-factor-2"),
        ("V", "missing-factor-2"),
    ),
    "a33_softmax_classifier": wrong(
        "softmax_classifier",
        "Mean over the batch although dZ has the 1/m already",
        ("b", "mean-for-sum"),
    ),
    "a34_two_layer_sigmoid": wrong(
        "two_layer_sigmoid",
        "Factor 2 of the square is missing; db1 divided by m once more",
        ("Y_hat", "missing-factor-2"),
        ("b1", "mean-for-sum"),
    ),
    "a35_univariate": right("univariate", "from the moments of the data"),
    "a36_attention": wrong(
        "attention", "Attention weights not transposed in dV", ("V", "transposed-operand")
    ),
    "a37_softmax_classifier": wrong(
        "softmax_classifier",
        "1/m is missing everywhere; reshape instead of transpose: entries of dW end up in the wrong places",
        ("Z", "missing-1-over-m"),
        ("W", "reshaped-for-transposed"),
    ),
    "a38_two_layer_sigmoid": wrong(
        "two_layer_sigmoid",
        "Activation derivative skipped in dW1: dA1 used where dZ1 belongs",
        ("W1", "wrong-value"),
    ),
    "a39_softmax_classifier": wrong(
        "softmax_classifier",
        "Softmax over the examples (axis=1) instead of over the classes",
        ("P", "wrong-axis"),
    ),
    "a40_rnn": wrong(
        "rnn",
        "Tanh derivative with the hidden state of the previous time step",
        ("v3", "wrong-value"),
        ("v2", "wrong-value"),
        ("v1", "missing-activation-derivative"),
    ),
    "a41_two_layer_sigmoid": wrong(
        "two_layer_sigmoid",
        "Sigmoid derivative with Z1 instead of A1",
        ("Z1", "derivative-at-input"),
    ),
    "a42_rnn": wrong(
        "rnn",
        "Only the last time step: contributions of earlier steps are not added",
        ("W", "missing-term"),
    ),
    "a43_softmax_classifier": right("softmax_classifier", "through log-softmax in torch"),
    "a44_multivariate": right("multivariate", "quadratic form: Gram matrix and means"),
    "a45_batch_norm": wrong(
        "batch_norm",
        "Wrong power: (var + eps)^(-1/2) instead of ^(-3/2)",
        ("var", "wrong-exponent"),
    ),
    "a46_two_layer_linear": right("two_layer_linear", "through the effective single layer"),
    "a47_logistic": right("logistic", "labels +-1 and the softplus form"),
    "a48_multivariate": wrong(
        "multivariate", "Factor 2 is missing in dw (it is there in db)", ("w", "missing-factor-2")
    ),
    "a49_two_layer_linear": wrong(
        "two_layer_linear",
        "Back-propagates through the already updated w2",
        ("H", "already-updated-weights"),
    ),
    "a50_deep": right("deep", "recursion: each call returns the gradient for its input"),
    "a51_multivariate": wrong(
        "multivariate",
        "Gradient of 1/(2m): the loss has 1/m, so 2 is missing",
        ("Y_hat", "missing-factor-2"),
    ),
    "a52_batch_norm": wrong(
        "batch_norm",
        "Gamma is forgotten when going back through the scale",
        ("N", "missing-factor"),
    ),
}

register(__name__, FILES)
