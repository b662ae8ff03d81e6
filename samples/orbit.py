"""Find the velocity of Mars from its observed places, by differentiating through the time loop.

    python samples/orbit.py

The places come from Kepler's equation for the real orbit (a = 1.5237 au, e = 0.0934), with noise. A
fourth-order Runge-Kutta loop predicts them from an initial velocity, writing each state into a row of
`path`; `orbit_vjp.py` runs that loop backwards.
"""

import numpy as np
from orbit_vjp import misfit_vjp
from scipy.optimize import minimize

GM = 4.0 * np.pi**2  # of the sun, in astronomical units and years
AXIS, ECCENTRICITY = 1.523679, 0.093412
STEP = 1.0 / 100.0
EVERY = 5
NOISE = 1e-3


def motion(state):
    """Rate of change of a position and a velocity under the pull of the sun."""
    place, velocity = state[:2], state[2:]
    return np.concatenate((velocity, -GM * place / np.sum(place * place) ** 1.5))


def misfit(velocity, start, places, every, step):
    """Half the squared distance from a predicted path to places observed every so many steps."""
    n = every * (len(places) - 1)
    path = np.zeros((n + 1, 4))
    path[0, :2] = start
    path[0, 2:] = velocity
    for i in range(n):
        state = path[i]
        k1 = motion(state)
        k2 = motion(state + 0.5 * step * k1)
        k3 = motion(state + 0.5 * step * k2)
        k4 = motion(state + step * k3)
        path[i + 1] = state + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    gap = path[::every, :2] - places
    return 0.5 * np.sum(gap * gap)


def kepler(times):
    """Places on the orbit at the given times after perihelion, from Kepler's equation."""
    mean = np.sqrt(GM / AXIS**3) * times
    anomaly = mean.copy()
    for _ in range(10):
        anomaly -= (anomaly - ECCENTRICITY * np.sin(anomaly) - mean) / (1.0 - ECCENTRICITY * np.cos(anomaly))
    x = AXIS * (np.cos(anomaly) - ECCENTRICITY)
    y = AXIS * np.sqrt(1.0 - ECCENTRICITY**2) * np.sin(anomaly)
    return np.stack([x, y], axis=1)


def main():
    times = np.arange(0.0, 1.9, EVERY * STEP)
    places = kepler(times) + NOISE * np.random.default_rng(0).normal(size=(len(times), 2))
    start = kepler(times[:1])[0]
    truth = np.array([0.0, np.sqrt(GM / AXIS * (1.0 + ECCENTRICITY) / (1.0 - ECCENTRICITY))])
    guess = np.array([1.0, 4.5])
    found = minimize(misfit_vjp, guess, args=(start, places, EVERY, STEP), jac=True, options={"gtol": 1e-6})
    print(f"{len(places)} places observed over {times[-1]:.2f} years, {EVERY * (len(places) - 1)} steps")
    for name, v in (("guess", guess), ("fitted", found.x), ("true", truth)):
        print(f"{name:<8} velocity {v[0]:8.4f} {v[1]:8.4f} au/year")
    print(f"distance {np.sqrt(2 * found.fun / len(places)):.5f} au rms, noise {NOISE * np.sqrt(2):.5f}")
    print(f"{found.nfev} evaluations of the misfit and its gradient")


if __name__ == "__main__":
    main()
