# ruff: noqa
"""Statistics and machine learning."""

import math

import numpy as np

HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


# at: x=[0.5, -0.7, 0.2, 0.9]
def logsumexp(x):
    a = np.max(x)
    return a + np.log(np.sum(np.exp(x - a)))


# at: x=[0.5, -0.7, 0.2, 0.9]
def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


# at: X=[[0.5, -0.7, 0.2], [0.9, 0.1, 0.4]]
def softmax_rows(X):
    e = np.exp(X - X.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(2), [0, 2]]))


# at: w=[0.5, -0.7], b=0.2, X=[[0.5, -0.7], [0.2, 0.9], [1.0, 0.3]], y=[0.0, 1.0, 1.0]
def logistic_regression(w, b, X, y):
    z = X @ w + b
    p = 1.0 / (1.0 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1.0 - y) * np.log(1.0 - p)) + 0.1 * np.dot(w, w)


# at: x=[0.5, -0.7], W1=[[0.3, -0.2], [0.9, 0.4], [0.1, 0.2]], b1=[0.1, 0.0, 0.2], W2=[0.5, 0.3, -0.8]
def mlp(x, W1, b1, W2):
    layers = [W1 @ x + b1]
    h = np.maximum(layers[-1], 0.0)
    return np.tanh(W2 @ h)


# at: x=[0.5, -0.7, 0.2, 0.9], mu=0.1, sigma=1.3
def normal_log_likelihood(x, mu, sigma):
    z = (x - mu) / sigma
    return -0.5 * np.sum(z * z) - len(x) * (math.log(sigma) + HALF_LOG_TWO_PI)


# at: x=[[0.5, -0.7], [0.2, 0.9], [1.0, 0.3]], c=[[0.1, 0.2], [0.8, 0.5]]
def kmeans_inertia(x, c):
    total = 0.0
    for p in x:
        best = np.sum((p - c[0]) ** 2)
        for q in c[1:]:
            d = np.sum((p - q) ** 2)
            if d < best:
                best = d
        total += best
    return total


# at: x=[[0.5, -0.7], [0.2, 0.9], [1.0, 0.3]], c=[[0.1, 0.2], [0.8, 0.5]]
def kmeans_broadcast(x, c):
    d = np.sum((x[:, None, :] - c[None, :, :]) ** 2, axis=2)
    return np.sum(np.min(d, axis=1))


# at: X=[[0.5, -0.7], [0.2, 0.9], [1.0, 0.3]]
def standardised(X):
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    return np.sum(Z**3)


# at: X=[[0.5, -0.7], [0.2, 0.9], [1.0, 0.3]]
def covariance_by_hand(X):
    D = X - np.mean(X, axis=0)
    C = D.T @ D / (len(X) - 1)
    return C[0, 1] / np.sqrt(C[0, 0] * C[1, 1])


# at: x=[0.5, -0.7, 0.2], y=[0.1, 0.6, 0.3]
def cosine_similarity(x, y):
    return x.dot(y) / (np.linalg.norm(x) * np.linalg.norm(y))


# at: x=[0.5, -0.7, 0.2], delta=0.4
def huber(x, delta):
    a = np.abs(x)
    return np.where(a <= delta, 0.5 * x**2, delta * (a - 0.5 * delta)).sum()


# at: x=[[0.1], [0.5], [0.9]], y=[0.3, 0.1, 0.6], ell=0.7, noise=0.2
def gaussian_process(x, y, ell, noise):
    d = x - x.T
    K = np.exp(-0.5 * (d / ell) ** 2) + noise**2 * np.eye(3)
    alpha = np.linalg.solve(K, y)
    sign, logdet = np.linalg.slogdet(K)
    return -0.5 * y @ alpha - 0.5 * logdet


# at: spot=100.0, strike=95.0, rate=0.03, vol=0.25, T=0.75
def black_scholes(spot, strike, rate, vol, T):
    d1 = (math.log(spot / strike) + (rate + 0.5 * vol**2) * T) / (vol * math.sqrt(T))
    d2 = d1 - vol * math.sqrt(T)
    cdf1 = 0.5 * (1.0 + math.erf(d1 / math.sqrt(2.0)))
    cdf2 = 0.5 * (1.0 + math.erf(d2 / math.sqrt(2.0)))
    return spot * cdf1 - strike * math.exp(-rate * T) * cdf2


# at: spot=100.0, vol=0.3
def binomial_option(spot, vol):
    n = 4
    u = math.exp(vol * math.sqrt(1.0 / n))
    d = 1.0 / u
    q = (1.01 - d) / (u - d)
    values = np.zeros(n + 1)
    for i in range(n + 1):
        values[i] = max(spot * u ** (n - i) * d**i - 97.0, 0.0)
    for step in range(n, 0, -1):
        for i in range(step):
            values[i] = (q * values[i] + (1.0 - q) * values[i + 1]) / 1.01
    return values[0]


# at: w=[0.5, -0.7, 0.2]
def entropy(w):
    p = np.exp(w) / np.sum(np.exp(w))
    return -np.sum(p * np.log(p))


# at: x=[0.5, -0.7, 0.2], h=[0.1, 0.3], Wx=[[0.3, -0.2], [0.9, 0.4]], Wh=[[0.2, 0.1], [0.0, 0.5]]
def recurrent_network(x, h, Wx, Wh):
    for t in range(len(x)):
        h = np.tanh(Wx @ np.array([x[t], 1.0]) + Wh @ h)
    return h.sum()


# at: q=[[0.5, -0.7], [0.2, 0.9]], k=[[0.1, 0.4], [0.6, 0.3]], v=[[1.0, 0.2], [0.3, 0.7]]
def attention(q, k, v):
    s = q @ k.T / math.sqrt(q.shape[1])
    s = s - np.max(s, axis=-1, keepdims=True)
    p = np.exp(s)
    p /= p.sum(axis=-1, keepdims=True)
    return np.sum((p @ v) ** 2)


# at: x=[[0.5, -0.7, 0.2], [0.9, 0.1, 0.4]], gamma=[1.0, 0.5, 2.0], beta=[0.1, 0.2, 0.3]
def layer_norm(x, gamma, beta):
    mu = x.mean(axis=1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=1, keepdims=True)
    return np.sum(np.sin(gamma * (x - mu) / np.sqrt(var + 1e-3) + beta))


# at: A=[[0.6, 0.4], [0.3, 0.7]], B=[[0.5, 0.5], [0.1, 0.9]], pi=[0.6, 0.4]
def hmm_forward(A, B, pi):
    observed = [0, 1, 1]
    alpha = pi * B[:, observed[0]]
    for o in observed[1:]:
        alpha = (alpha @ A) * B[:, o]
    return np.log(np.sum(alpha))


# at: w=[0.5, -0.7], X=[[0.5, -0.7], [0.2, 0.9], [1.0, 0.3]], y=[0.3, 0.1, 0.6]
def gradient_descent(w, X, y):
    for _ in range(3):
        r = X @ w - y
        w = w - 0.1 * (X.T @ r)
    return np.sum((X @ w - y) ** 2)


# at: x=[0.5, -0.7, 0.2]
def einsum_quadratic(x):
    A = np.outer(x, x) + np.eye(3)
    return np.einsum("i,ij,j->", x, A, x)
