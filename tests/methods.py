"""Numerical methods as people write them, each a function of a vector. Data for test_methods.py."""
# ruff: noqa: B007, E741, RUF005, RUF007, RUF059 (this is how people write)

import math

import numpy as np


def thomas(x):
    n = len(x)
    a = np.full(n, -1.0)
    b = 4.0 + x**2
    c = np.full(n, -1.0)
    d = np.sin(x)
    for i in range(1, n):
        m = a[i] / b[i - 1]
        b[i] = b[i] - m * c[i - 1]
        d[i] = d[i] - m * d[i - 1]
    y = np.empty(n)
    y[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        y[i] = (d[i] - c[i] * y[i + 1]) / b[i]
    return np.sum(y * y)


def rk4_history(x):
    def rhs(t, y):
        return np.array([y[1], -x[0] * y[0] - x[1] * y[1] + math.cos(t)])

    y = np.array([x[2], 0.0])
    ts, ys = [0.0], [y]
    h = 0.1
    for k in range(10):
        t = ts[-1]
        k1 = rhs(t, y)
        k2 = rhs(t + h / 2, y + h / 2 * k1)
        k3 = rhs(t + h / 2, y + h / 2 * k2)
        k4 = rhs(t + h, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        ts.append(t + h)
        ys.append(y)
    ys = np.array(ys)
    return np.sum(ys[:, 0] ** 2) + ys[-1, 1]


def lu_pivot(x):
    n = 3
    a = np.outer(x, x) + np.diag(np.array([2.0, 3.0, 4.0]) * x) + np.array([[0, 1, 0], [5, 0, 1], [0, 2, 0]])
    sign = 1.0
    for k in range(n):
        p = k + np.argmax(np.abs(a[k:, k]))
        if p != k:
            a[[k, p]] = a[[p, k]]
            sign = -sign
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    det = sign
    for k in range(n):
        det *= a[k, k]
    return det


def gauss_seidel(x):
    n = len(x)
    u = np.zeros(n + 2)
    u[0], u[-1] = x[0], x[-1]
    for it in range(6):
        old = u.copy()
        for i in range(1, n + 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1]) + 0.1 * x[i - 1]
        if np.max(np.abs(u - old)) < 1e-12:
            break
    return np.sum(u**2)


def cholesky_by_hand(x):
    n = 3
    a = np.outer(x, x) + 2.0 * np.eye(n)
    l = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = sum(l[i, k] * l[j, k] for k in range(j))
            if i == j:
                l[i, j] = math.sqrt(a[i, i] - s)
            else:
                l[i, j] = (a[i, j] - s) / l[j, j]
    return np.sum(l) + np.sum(np.log(np.diag(l)))


def kalman(x):
    F = np.array([[1.0, 0.1], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    Q = x[0] ** 2 * np.eye(2)
    R = np.array([[x[1] ** 2]])
    m, P = np.array([0.0, x[2]]), np.eye(2)
    ll = 0.0
    for z in [0.3, 0.5, 0.2, 0.7]:
        m = F @ m
        P = F @ P @ F.T + Q
        v = z - (H @ m)[0]
        S = (H @ P @ H.T + R)[0, 0]
        K = P @ H.T / S
        m = m + (K * v)[:, 0]
        P = P - K @ H @ P
        ll += -0.5 * (np.log(2 * np.pi * S) + v**2 / S)
    return ll


def forward_algorithm(x):
    T = np.exp(np.outer(x, [0.1, 0.2, 0.3]))
    T = T / T.sum(axis=1, keepdims=True)
    logT = np.log(T)
    alpha = np.log(np.ones(3) / 3)
    for o in [0, 2, 1, 1]:
        new = np.empty(3)
        for j in range(3):
            w = alpha + logT[:, j]
            m = w.max()
            new[j] = m + np.log(np.sum(np.exp(w - m))) + x[o] * j
        alpha = new
    m = np.max(alpha)
    return m + math.log(np.sum(np.exp(alpha - m)))


def gram_schmidt(x):
    A = np.outer(x, x**2) + np.array([[1.0, 2, 0], [0, 1, 3], [1, 0, 1]])
    Q = []
    for v in A.T:
        w = v.copy()
        for q in Q:
            w -= np.dot(q, v) * q
        Q.append(w / np.linalg.norm(w))
    Q = np.column_stack(Q)
    return Q[0, 1] + Q[1, 2] ** 2 + Q[2, 0]


def householder(x):
    A = np.outer(x, np.cos(x)) + np.diag([1.0, 2.0, 3.0])
    R = A.copy()
    for k in range(2):
        v = R[k:, k].copy()
        v[0] += np.sign(v[0]) * np.linalg.norm(v)
        v /= np.linalg.norm(v)
        R[k:, k:] -= 2.0 * np.outer(v, v @ R[k:, k:])
    return R[0, 2] + R[1, 1] * R[2, 2]


def conjugate_gradient(x):
    A = np.outer(x, x) + np.diag([3.0, 4.0, 5.0])
    b = np.sin(x)
    u = np.zeros(3)
    r = b - A @ u
    p = r.copy()
    rs = r @ r
    for _ in range(3):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        u += alpha * p
        r -= alpha * Ap
        new = r @ r
        if new < 1e-28:
            break
        p = r + new / rs * p
        rs = new
    return u @ b


def power_iteration(x):
    A = np.outer(x, x) + np.diag([1.0, 2.0, 6.0])
    v = np.ones(3)
    lam = 0.0
    for k in range(30):
        w = A @ v
        lam_new = np.linalg.norm(w)
        v = w / lam_new
        done = abs(lam_new - lam) < 1e-16
        lam = lam_new
        if done:
            break
    return lam


def verlet_nbody(x):
    pos = np.array([[0.0, 0.0], [1.0 + x[0], 0.0], [0.0, 1.5 + x[1]]])
    vel = np.array([[0.0, 0.0], [0.0, x[2]], [-0.5, 0.0]])
    mass = np.array([1.0, 0.3, 0.2])

    def forces(p):
        acc = np.zeros_like(p)
        for i in range(len(p)):
            for j in range(len(p)):
                if i == j:
                    continue
                d = p[j] - p[i]
                r2 = d @ d + 0.01
                acc[i] += mass[j] * d / r2**1.5
        return acc

    a = forces(pos)
    for step in range(5):
        vel += 0.05 * a
        pos += 0.1 * vel
        a = forces(pos)
        vel += 0.05 * a
    return 0.5 * np.sum(mass[:, None] * vel**2) + pos[0, 0]


def lennard_jones(x):
    pts = np.array([[0.0, 0], [1.1, 0], [0, 1.2], [1.3, 1.1]]) * (1 + 0.1 * x[0]) + 0.05 * x[1]
    pts[2] += 0.1 * x[2]
    e = 0.0
    for i in range(len(pts)):
        for j in range(i + 1, len(pts)):
            d = pts[i] - pts[j]
            r = math.sqrt(d[0] ** 2 + d[1] ** 2)
            if r > 1.65:
                continue
            s6 = (1 / r) ** 6
            e += 4 * (s6**2 - s6)
    return e


def advect_roll(x):
    u = np.zeros(8)
    u[1:4] = x
    for _ in range(5):
        flux = np.where(u > 0, u, np.roll(u, -1)) * 0.5 * u
        u = u - 0.2 * (flux - np.roll(flux, 1))
    return np.sum(u**2)


def heat_2d(x):
    u = np.zeros((5, 5))
    u[2, 1:4] = x
    u[0] = 1.0
    for _ in range(4):
        lap = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
        u[1:-1, 1:-1] += 0.1 * lap
        u[:, 0] = u[:, 1]
        u[:, -1] = u[:, -2]
    return (u * u).mean()


def lstm(x):
    W = np.outer(np.arange(1.0, 9) / 8, x) * 0.5
    h, c = np.zeros(2), np.zeros(2)
    for t in range(3):
        z = W @ np.concatenate([h, [np.sin(t)]])
        i, f, g, o = z[:2], z[2:4], z[4:6], z[6:]
        i, f, o = 1 / (1 + np.exp(-i)), 1 / (1 + np.exp(-f)), 1 / (1 + np.exp(-o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
    return h.sum() + c[0]


def conv_pool(x):
    img = np.outer(np.linspace(0, 1, 6), np.linspace(1, 2, 6)) + 0.1 * np.sin(np.arange(36.0)).reshape(6, 6)
    k = np.array([[x[0], x[1]], [x[2], 0.5]])
    out = np.zeros((5, 5))
    for i in range(5):
        for j in range(5):
            out[i, j] = np.sum(img[i : i + 2, j : j + 2] * k)
    out = np.maximum(out, 0.3)
    pooled = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            pooled[i, j] = out[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return pooled.sum() + np.prod(pooled[0])


def binomial_tree(x):
    s, sigma, r = 100 * x[0], x[1], 0.05
    n, T = 8, 1.0
    dt = T / n
    u = math.exp(sigma * math.sqrt(dt))
    d = 1 / u
    p = (math.exp(r * dt) - d) / (u - d)
    prices = np.array([s * u**j * d ** (n - j) for j in range(n + 1)])
    v = np.maximum(95.0 * x[2] - prices, 0.0)
    for i in range(n - 1, -1, -1):
        v = math.exp(-r * dt) * (p * v[1:] + (1 - p) * v[:-1])
        prices = prices[:-1] * u
        v = np.maximum(v, 95.0 * x[2] - prices)
    return v[0]


def garch(x):
    om, al, be = 0.1 * x[0], 0.2 * x[1], 0.5 * x[2]
    e = [0.3, -0.2, 0.5, 0.1, -0.6]
    s2 = om / (1 - al - be)
    ll = 0
    for v in e:
        ll -= 0.5 * (math.log(s2) + v * v / s2)
        s2 = om + al * v**2 + be * s2
    return ll


def matrix_exp_taylor(x):
    A = np.array([[0, x[0]], [-x[1], x[2] * 0.1]])
    E, term, k = np.eye(2), np.eye(2), 1
    while np.abs(term).max() > 1e-14:
        term = term @ A / k
        E = E + term
        k += 1
    return E[0, 1] + E.trace()


def levinson(x):
    r = np.array([2.0 + x[0], x[1], x[2], 0.1])
    a = np.zeros(4)
    a[0] = 1.0
    e = r[0]
    for m in range(1, 4):
        k = -(r[m] + np.dot(a[1:m], r[m - 1 : 0 : -1])) / e
        prev = a.copy()
        for i in range(1, m):
            a[i] = prev[i] + k * prev[m - i]
        a[m] = k
        e *= 1 - k * k
    return e + a[1] * a[3]


def jacobi_rotation(x):
    A = np.outer(x, x) + np.diag([1.0, 2.0, 4.0])
    for p, q in [(0, 1), (0, 2), (1, 2), (0, 1)]:
        th = 0.5 * np.arctan2(2 * A[p, q], A[q, q] - A[p, p])
        c, s = np.cos(th), np.sin(th)
        J = np.eye(3)
        J[p, p] = J[q, q] = c
        J[p, q], J[q, p] = s, -s
        A = J.T @ A @ J
    return A[0, 0] * A[1, 1] + A[2, 2]


def floyd_warshall(x):
    D = np.array([[0, x[0], 9.0], [x[1], 0, x[2]], [1.5, 7.0, 0]])
    for k in range(3):
        D = np.minimum(D, D[:, k : k + 1] + D[k : k + 1, :])
    return D.sum()


def edit_dp(x):
    a, b = [0, 1, 2], [1, 2]
    dp = np.zeros((4, 3))
    for i in range(1, 4):
        dp[i][0] = dp[i - 1][0] + x[0]
    for j in range(1, 3):
        dp[0][j] = dp[0][j - 1] + x[1]
    for i in range(1, 4):
        for j in range(1, 3):
            cost = 0.0 if a[i - 1] == b[j - 1] else x[2]
            dp[i][j] = min(dp[i - 1][j] + x[0], dp[i][j - 1] + x[1], dp[i - 1][j - 1] + cost)
    return dp[-1][-1] ** 2


def cubic_interp(x):
    xs = np.array([0.0, 0.4, 1.0, 1.7, 2.2])
    ys = np.sin(xs) * x[0]
    q = np.array([x[1], x[2], 0.2])
    i = np.clip(np.searchsorted(xs, q) - 1, 0, 3)
    t = (q - xs[i]) / (xs[i + 1] - xs[i])
    m = np.gradient(ys, xs)
    h = xs[i + 1] - xs[i]
    return np.sum(
        (1 + 2 * t) * (1 - t) ** 2 * ys[i]
        + t * (1 - t) ** 2 * h * m[i]
        + t**2 * (3 - 2 * t) * ys[i + 1]
        + t**2 * (t - 1) * h * m[i + 1]
    )


def soft_histogram(x):
    centers = np.linspace(0, 2, 5)
    w = np.exp(-((x[:, None] - centers[None, :]) ** 2) / 0.1)
    w /= w.sum(axis=1, keepdims=True)
    h = w.sum(0)
    p = h / h.sum()
    return -np.sum(p * np.log(p + 1e-12))


def em_step(x):
    mu, sig, pi = np.array([x[0], x[1] + 1.0]), np.array([0.5, x[2]]), np.array([0.4, 0.6])
    data = np.array([0.2, 0.5, 1.7, 2.1, 1.1])
    for _ in range(3):
        dens = pi * np.exp(-0.5 * ((data[:, None] - mu) / sig) ** 2) / (sig * np.sqrt(2 * np.pi))
        resp = dens / dens.sum(axis=1, keepdims=True)
        nk = resp.sum(axis=0)
        mu = (resp * data[:, None]).sum(axis=0) / nk
        sig = np.sqrt((resp * (data[:, None] - mu) ** 2).sum(axis=0) / nk + 1e-3)
        pi = nk / len(data)
    return mu[0] + sig[1] + pi[0]


def adaptive_euler(x):
    t, y, h = 0.0, x[0], 0.3
    while t < 1.0 - 1e-12:
        h = min(h, 1.0 - t)
        k1 = -x[1] * y + np.sin(t)
        k2 = -x[1] * (y + h * k1) + np.sin(t + h)
        err = 0.5 * h * abs(k2 - k1)
        if err > 0.05 and h > 0.05:
            h = 0.5 * h
            continue
        y = y + 0.5 * h * (k1 + k2)
        t += h
        if err < 0.01:
            h *= 1.5
    return y * x[2]


def newton_root(x):
    y = 1.0
    for k in range(50):
        f = y**3 + x[0] * y - x[1]
        if abs(f) < 1e-15:
            break
        y -= f / (3 * y * y + x[0])
    return y * x[2]


def fft_recursive(x):
    def fft(v):
        n = len(v)
        if n == 1:
            return v
        e, o = fft(v[::2]), fft(v[1::2])
        w = np.exp(-2j * np.pi * np.arange(n // 2) / n)
        return np.concatenate([e + w * o, e - w * o])

    z = fft(np.concatenate([x, [0.5]]) + 0j)
    return np.sum(np.abs(z[1:]) ** 3) + z[0].real


def de_casteljau(x):
    pts = [np.array([0.0, x[0]]), np.array([0.5, x[1]]), np.array([1.0, x[2]]), np.array([1.5, 0.3])]
    t = 0.3 + 0.1 * x[0]
    while len(pts) > 1:
        pts = [(1 - t) * a + t * b for a, b in zip(pts[:-1], pts[1:], strict=True)]
    return pts[0][0] * pts[0][1]


def bubble_sort(x):
    v = list(x * np.array([3.0, 2.0, 1.0]))
    n = len(v)
    for i in range(n):
        for j in range(n - 1 - i):
            if v[j] > v[j + 1]:
                v[j], v[j + 1] = v[j + 1], v[j]
    return sum((k + 1) * w * w for k, w in enumerate(v))


def running_median_like(x):
    buf = []
    out = 0.0
    for v in list(x) + [0.4, 1.1]:
        buf.append(v * v)
        if len(buf) > 3:
            buf.pop(0)
        s = sorted(buf)
        out += s[len(s) // 2]
    return out


def welford(x):
    n, mean, m2 = 0, 0.0, 0.0
    for v in x:
        n += 1
        delta = v - mean
        mean += delta / n
        m2 += delta * (v - mean)
    return mean + m2 / (n - 1)


def neville(x):
    xs = np.array([0.0, 0.5, 1.0])
    p = x.copy()
    z = 0.7
    for m in range(1, 3):
        for i in range(3 - m):
            p[i] = ((z - xs[i + m]) * p[i] + (xs[i] - z) * p[i + 1]) / (xs[i] - xs[i + m])
    return p[0] ** 2


def attention(x):
    q = np.outer(np.array([0.1, 0.5]), x)
    k = np.outer(np.array([0.7, 0.2, 0.4]), x**2)
    v = np.outer(np.arange(3.0), np.sin(x))
    s = q @ k.T / np.sqrt(3)
    s = s - s.max(axis=-1, keepdims=True)
    a = np.exp(s)
    a /= a.sum(axis=-1, keepdims=True)
    o = a @ v
    mu, var = o.mean(-1, keepdims=True), o.var(-1, keepdims=True)
    return np.sum(((o - mu) / np.sqrt(var + 1e-5)) ** 3) + o.sum()


def sparse_csr(x):
    data = np.array([1.0, 2, 3, 4, 5]) * x[0]
    indices = np.array([0, 2, 1, 0, 2])
    indptr = np.array([0, 2, 3, 5])
    y = np.zeros(3)
    for i in range(3):
        for jj in range(indptr[i], indptr[i + 1]):
            y[i] += data[jj] * x[indices[jj]]
    np.add.at(y, indices, x[[0, 1, 2, 0, 1]])
    return np.sum(y**2)


def fem_assembly(x):
    n = 4
    K = np.zeros((n, n))
    f = np.zeros(n)
    for e in range(n - 1):
        ke = x[e] * np.array([[1.0, -1.0], [-1.0, 1.0]])
        idx = np.array([e, e + 1])
        K[np.ix_(idx, idx)] += ke
        f[idx] += 0.5
    u = np.zeros(n)
    u[1:] = np.linalg.solve(K[1:, 1:], f[1:])
    return u @ f


def ray_march(x):
    o, d = np.array([0.0, 0.0, -2.0]), np.array([0.1 * x[0], 0.0, 1.0])
    d = d / np.linalg.norm(d)
    t = 0.0
    for _ in range(40):
        p = o + t * d
        dist = np.sqrt(p @ p) - x[1]
        if dist < 1e-9:
            break
        t += dist
    n = p / np.linalg.norm(p)
    return max(n @ np.array([0.0, 0.6, -0.8]), 0.0) * x[2] + t


def polyroots_horner(x):
    c = [1.0, *x]
    p = dp = 0.0
    z = 0.6
    for a in c:
        dp = dp * z + p
        p = p * z + a
    return p / dp


def trapz_cum(x):
    t = np.linspace(0, 1, 3)
    s = np.concatenate(([0], np.cumsum(0.5 * (x[1:] + x[:-1]) * np.diff(t))))
    return s[-1] ** 2 + s[1]


def masks_and_counts(x):
    y = x.copy()
    y[y < 0.8] = 0.0
    y[(y > 1.0) & (y < 2)] *= 2
    k = np.count_nonzero(y)
    z = y[y != 0]
    return z.sum() / k + np.mean(z**2) + (x > 0.8) @ x


def dict_of_params(x):
    params = {"w": x[:2], "b": x[2], "layers": [x * 0.5, x * x]}
    total = 0.0
    for name, p in params.items():
        if isinstance(p, list):
            for q in p:
                total += np.sum(q**2)
        else:
            total += np.sum(p * p) if name == "w" else p
    params["w"] = params["w"] * 2
    return total + params["w"].sum() * params["b"]


def chained(x):
    J = np.eye(3)
    J[0, 0] = J[1, 1] = np.cos(x[0])
    J[2] = J[1] = x
    J[2] *= 3.0
    d = {}
    d["a"] = d["b"] = x * x
    return np.sum(J**2) + np.sum(d["a"]) + d["b"][0]


def chained_list(x):
    xs = [0.0, 0.0]
    xs[0] = xs[1] = x[2] ** 2
    i = 0
    xs[i] = i = 1
    y = x.copy()
    y[0] = z = y[1]
    return xs[0] * x[0] + xs[1] + y[0] * z


def sorted_floats(x):
    s = sorted([x[2], x[0] * 2.0, x[1]])
    t = sorted(x, reverse=True)
    return s[0] * s[2] + s[1] ** 3 + t[0] / t[2]


def sorted_list(x):
    out = 0.0
    buf = []
    for v in x:
        buf.append(v * v)
        s = sorted(buf)
        out += s[len(s) // 2]
    return out


def median_of_three(x):
    a, b, c = sorted((x[0], x[1] * 1.0, x[2]))
    return b * c
