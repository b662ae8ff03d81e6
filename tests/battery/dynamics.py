# ruff: noqa
"""Systems in time and space: ODEs, PDEs, filters."""

import numpy as np


def lorenz_rhs(state, sigma=10.0, rho=28.0, beta=8.0 / 3.0):
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


# at: state=[1.0, 0.5, 0.2], rho=20.0
def lorenz_euler(state, rho):
    for _ in range(5):
        state = state + 0.01 * lorenz_rhs(state, rho=rho)
    return state


def rk4_step(f_state, h, k):
    k1 = oscillator(f_state, k)
    k2 = oscillator(f_state + 0.5 * h * k1, k)
    k3 = oscillator(f_state + 0.5 * h * k2, k)
    k4 = oscillator(f_state + h * k3, k)
    return f_state + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def oscillator(y, k):
    dy = np.empty_like(y)
    dy[0] = y[1]
    dy[1] = -k * np.sin(y[0])
    return dy


# at: y=[1.0, 0.0], k=2.0, n=4
def rk4_pendulum(y, k, n):
    for _ in range(n):
        y = rk4_step(y, 0.1, k)
    return y[0] ** 2 + y[1]


# at: y=[1.0, 0.0], n=4
def trajectory_stored(y, n):
    path = np.zeros((n + 1, 2))
    path[0] = y
    for i in range(n):
        path[i + 1] = rk4_step(path[i], 0.1, 1.5)
    return np.sum((path[:, 0] - 0.5) ** 2)


# at: q=[1.0, 0.5], p=[0.0, 0.3]
def leapfrog(q, p):
    h = 0.1
    for _ in range(4):
        p = p - 0.5 * h * q**3
        q = q + h * p
        p = p - 0.5 * h * q**3
    return 0.5 * np.sum(p * p) + 0.25 * np.sum(q**4)


# at: u=[0.0, 0.5, 1.0, 0.4, 0.0], kappa=0.2, n=3
def heat_new_array(u, kappa, n):
    for _ in range(n):
        new = u.copy()
        for i in range(1, len(u) - 1):
            new[i] = u[i] + kappa * (u[i - 1] - 2.0 * u[i] + u[i + 1])
        u = new
    return np.sum(u**2)


# at: u=[0.0, 0.5, 1.0, 0.4, 0.0], kappa=0.2, n=3
def heat_in_place_sequential(u, kappa, n):
    for _ in range(n):
        for i in range(1, len(u) - 1):
            u[i] += kappa * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u**2)


# at: u=[[0.1, 0.2, 0.3], [0.4, 1.0, 0.6], [0.7, 0.8, 0.2]], n=2
def five_point_stencil(u, n):
    for _ in range(n):
        u[1:-1, 1:-1] += 0.1 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1])
    return u[1, 1] ** 2 + np.sum(u)


# at: u=[0.2, 0.5, 1.0, 0.4], c=0.3, n=3
def advection_periodic(u, c, n):
    for _ in range(n):
        u = u - c * (u - np.roll(u, 1))
    return np.sum(u * np.arange(4.0))


# at: u=[0.2, 0.5, 1.0, 0.4], dt=0.1
def burgers_upwind(u, dt):
    for _ in range(3):
        flux = 0.5 * u * u
        u[1:] = u[1:] - dt * (flux[1:] - flux[:-1])
    return np.sum(u**3)


# at: x=[0.3, 0.1], P=[[1.0, 0.1], [0.1, 2.0]], z=[0.5, 0.2]
def kalman_step(x, P, z):
    F = np.array([[1.0, 0.1], [0.0, 1.0]])
    Q = 0.01 * np.eye(2)
    R = 0.1 * np.eye(2)
    x = F @ x
    P = F @ P @ F.T + Q
    S = P + R
    K = P @ np.linalg.inv(S)
    x = x + K @ (z - x)
    P = (np.eye(2) - K) @ P
    return np.sum(x) + np.trace(P)


# at: r=3.2, x=0.3, n=6
def logistic_map(r, x, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


# at: s=0.9, i=0.1, beta=0.5, gamma=0.2
def sir_model(s, i, beta, gamma):
    r, peak = 0.0, i
    for _ in range(5):
        new = beta * s * i
        back = gamma * i
        s, i, r = s - new, i + new - back, r + back
        if i > peak:
            peak = i
    return peak + r


# at: x=[[0.1, 0.2], [1.0, 0.3], [0.4, 1.2]]
def pairwise_energy(x):
    energy = 0.0
    n = x.shape[0]
    for i in range(n):
        for j in range(i + 1, n):
            d = x[i] - x[j]
            r2 = d @ d + 0.1
            energy += 1.0 / r2**3 - 1.0 / r2
    return energy


# at: x=[[0.1, 0.2], [1.0, 0.3], [0.4, 1.2]]
def forces_accumulated(x):
    f = np.zeros_like(x)
    for i in range(len(x)):
        for j in range(i):
            d = x[i] - x[j]
            w = np.exp(-np.sum(d * d))
            f[i] += w * d
            f[j] -= w * d
    return np.sum(f * f)


# at: s=[[0.5, -0.7], [0.2, 0.9]], J=0.7
def ising_like(s, J):
    total = 0.0
    n, m = s.shape
    for i in range(n):
        for j in range(m):
            total -= J * s[i, j] * (s[(i + 1) % n, j] + s[i, (j + 1) % m])
    return total


# at: y=[0.5, 0.1], tol=0.01
def adaptive_steps(y, tol):
    t, h = 0.0, 0.2
    while t < 1.0:
        k = -2.0 * y
        error = abs(h * h * np.sum(k))
        if error > tol and h > 0.05:
            h = 0.5 * h
            continue
        y = y + h * k
        t += h
    return np.sum(y * y)


# at: x=[0.5, -0.7, 0.2, 0.9], a=0.6
def exponential_smoothing(x, a):
    s = x[0]
    out = [s]
    for v in x[1:]:
        s = a * v + (1.0 - a) * s
        out.append(s)
    return np.sum(np.array(out) ** 2)
