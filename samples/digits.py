"""Read handwritten digits: a two-layer network, trained with a generated gradient.

    python samples/digits.py

The gradient is `digits_vjp.py`, which `adtrans emit` made from `loss` below: plain NumPy, no tape.
"""

from pathlib import Path

import numpy as np
from digits_vjp import loss_vjp
from tqdm import tqdm

DATA = Path(__file__).with_name("digits.csv.gz")
HIDDEN = 64
EPOCHS = 40
BATCH = 32


def loss(W1, b1, W2, b2, X, Y):
    """Mean cross-entropy of the network on the images in the rows of X, Y their one-hot labels."""
    hidden = np.tanh(X @ W1 + b1)
    scores = hidden @ W2 + b2
    # Log-softmax; without the largest score nothing can overflow.
    scores = scores - np.max(scores, axis=1, keepdims=True)
    log_p = scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))
    return -np.sum(Y * log_p) / X.shape[0]


def predict(W1, b1, W2, b2, X):
    """The most likely digit for each image."""
    return np.argmax(np.tanh(X @ W1 + b1) @ W2 + b2, axis=1)


def load():
    """Images as rows of 64 numbers in [0, 1], labels: every fifth image is held out."""
    table = np.loadtxt(DATA, delimiter=",")
    X, labels = table[:, :64] / 16.0, table[:, 64].astype(int)
    held_out = np.arange(len(X)) % 5 == 0
    return X[~held_out], labels[~held_out], X[held_out], labels[held_out]


def train(X, labels, rng):
    """Minimise the loss by Adam, in minibatches; the parameters that come out."""
    Y = np.eye(10)[labels]
    params = [
        rng.normal(size=(64, HIDDEN)) / 8.0,
        np.zeros(HIDDEN),
        rng.normal(size=(HIDDEN, 10)) / np.sqrt(HIDDEN),
        np.zeros(10),
    ]
    mean = [np.zeros_like(p) for p in params]
    square = [np.zeros_like(p) for p in params]
    step = 0
    epochs = tqdm(range(EPOCHS), desc="training", unit="epoch")
    for _ in epochs:
        order = rng.permutation(len(X))
        total = 0.0
        for start in range(0, len(X), BATCH):
            rows = order[start : start + BATCH]
            value, gradient = loss_vjp(*params, X[rows], Y[rows])
            total += value * len(rows)
            step += 1
            for p, m, s, g in zip(params, mean, square, gradient, strict=True):
                m += 0.1 * (g - m)
                s += 0.001 * (g * g - s)
                p -= 0.003 * (m / (1 - 0.9**step)) / (np.sqrt(s / (1 - 0.999**step)) + 1e-8)
        epochs.set_postfix(loss=f"{total / len(X):.4f}")
    return params


def main():
    X, labels, X_test, labels_test = load()
    print(f"{len(X)} images to learn from, {len(X_test)} held out")
    params = train(X, labels, np.random.default_rng(0))
    right = np.sum(predict(*params, X_test) == labels_test)
    print(f"held-out accuracy: {100 * right / len(X_test):.2f} % ({right} of {len(X_test)})")


if __name__ == "__main__":
    main()
