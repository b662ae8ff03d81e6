from scipy import integrate, optimize


def level(t, p):
    return t**3 - p


def f(p):
    x, report = optimize.brentq(level, 0.0, 2.0, args=(p,), full_output=True)  # E: AD302
    y = optimize.newton(lambda t: t**3 - p, 1.0, fprime=lambda t: 3.0 * t**2)  # E: AD302
    sol = integrate.solve_ivp(lambda t, y: -p * y, (0.0, 1.0), [y])  # E: AD302
    z, error = integrate.quad(level, 0.0, 1.0, args=(p,))  # E: AD302
    return z + error + sol.y[0, -1] + x  # E: AD202
