#!/usr/bin/env python3
"""Computes the polynomials of MathFunctions.cpp: minimax fits for f32 arithmetic.

A fit minimises the largest weighted error over an interval (Remez exchange) in 60-digit
arithmetic. Coefficients are then rounded to f32 one by one, highest power first, and the
remaining ones fitted again, so that later ones make up for earlier roundings.
"""
import struct
from mpmath import mp, mpf, matrix, lu_solve, cos, pi, exp, log, erf, erfc, sin, sqrt

mp.dps = 60


def to_f32(x):
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def remez(f, weight, powers, low, high, fixed=()):
    """Coefficients of x**p for p in powers that minimise max |weight (sum + fixed - f)|."""
    n = len(powers) + 1
    target = lambda x: f(x) - sum(c * x**p for p, c in fixed)
    points = [low + (high - low) * (1 - cos(pi * (2 * i + 1) / (2 * n))) / 2 for i in range(n)]
    grid = [low + (high - low) * mpf(i) / 3000 for i in range(3001)]
    grid = [x for x in grid if weight(x) is not None]
    values = [(x, target(x), weight(x)) for x in grid]
    for _ in range(30):
        a, b = matrix(n, n), matrix(n, 1)
        for i, x in enumerate(points):
            for j, p in enumerate(powers):
                a[i, j] = x**p
            a[i, n - 1] = (-1) ** i / weight(x)
            b[i] = target(x)
        solution = lu_solve(a, b)
        c, level = list(solution)[:-1], abs(solution[n - 1])
        errors = [(x, w * (sum(k * x**p for p, k in zip(powers, c)) - t)) for x, t, w in values]
        extrema, run = [], [errors[0]]
        for e in errors[1:]:
            if (e[1] >= 0) == (run[0][1] >= 0):
                run.append(e)
            else:
                extrema.append(max(run, key=lambda v: abs(v[1])))
                run = [e]
        extrema.append(max(run, key=lambda v: abs(v[1])))
        worst = max(abs(v[1]) for v in extrema)
        if len(extrema) < n or worst <= level * mpf("1.001"):
            return c, worst
        while len(extrema) > n:
            extrema.pop(0 if abs(extrema[0][1]) < abs(extrema[-1][1]) else -1)
        points = [v[0] for v in extrema]
    return c, worst


def fit(name, f, weight, powers, low, high):
    fixed, left, worst = [], list(powers), None
    c, ideal = remez(f, weight, left, low, high)
    while left:
        fixed.append((left[-1], to_f32(c[-1])))
        left = left[:-1]
        if left:
            c, worst = remez(f, weight, left, low, high, fixed)
    print(f"// {name}: error {float(ideal):.2e}, with f32 coefficients {float(worst or ideal):.2e}")
    print("{" + ", ".join(f"{float(v):.9g}f" for _, v in reversed(fixed)) + "}")


def away_from_zero(w):
    return lambda x: None if x == 0 else w(x)


def main():
    half_ln2 = log(2) / 2 * mpf("1.0005")
    # exp(x) = 1 + x + x^2 p(x)
    fit("exp", lambda x: (exp(x) - 1 - x) / x**2 if abs(x) > 1e-9 else mpf("0.5") + x / 6,
        lambda x: (x * x + mpf("1e-12")) / exp(x), range(5), -half_ln2, half_ln2)
    # exp2(x) = 1 + x p(x)
    fit("exp2", lambda x: (mpf(2)**x - 1) / x if abs(x) > 1e-9 else log(2) + x * log(2)**2 / 2,
        lambda x: (abs(x) + mpf("1e-12")) / mpf(2)**x, range(6), mpf("-0.5005"), mpf("0.5005"))
    # log(1 + x) = x - x^2/2 + x^3 p(x)
    series = lambda x: mpf(1) / 3 - x / 4 + x * x / 5
    fit("log", lambda x: (log(1 + x) - x + x * x / 2) / x**3 if abs(x) > 1e-9 else series(x),
        lambda x: abs(x**3 / log(1 + x)) if abs(x) > 1e-9 else mpf("1e-18"), range(8), sqrt(mpf("0.5")) - 1, sqrt(mpf(2)) - 1)
    # log(1 + x) = x + x^2 p(x), 0 < x < 1
    series = lambda x: -mpf(1) / 2 + x / 3 - x * x / 4
    fit("log of 1 to 2", lambda x: (log(1 + x) - x) / x**2 if abs(x) > 1e-9 else series(x),
        lambda x: x * x / log(1 + x) if x > 1e-9 else mpf("1e-18"), range(8), mpf(0), mpf(1))
    # erf(x) = x + x p(x^2), |x| < 0.9
    fit("erf", lambda s: erf(sqrt(s)) / sqrt(s) - 1 if s > 1e-18 else 2 / sqrt(pi) - 1,
        lambda s: sqrt(s) / erf(sqrt(s)) if s > 1e-18 else sqrt(pi) / 2, range(7), mpf("0"), mpf("0.82"))
    # log(erfc(x)) = p(x), 0.9 < x < 4
    fit("erfc", lambda x: log(erfc(x)), lambda x: erfc(x) / erf(x), range(9), mpf("0.89"), mpf("4.0"))
    # sin(x) = x + x^3 p(x^2), cos(x) = 1 - x^2/2 + x^4 p(x^2), |x| < pi/4
    quarter = (pi / 4 * mpf("1.002"))**2
    fit("sin", lambda s: (sin(sqrt(s)) / sqrt(s) - 1) / s if s > 1e-12 else -mpf(1) / 6,
        lambda s: s * sqrt(s) / sin(sqrt(s)) if s > 1e-12 else mpf("1e-12"), range(4), mpf(0), quarter)
    fit("cos", lambda s: (cos(sqrt(s)) - 1 + s / 2) / s**2 if s > 1e-9 else mpf(1) / 24,
        lambda s: s * s / cos(sqrt(s)) if s > 1e-9 else mpf("1e-18"), range(4), mpf(0), quarter)


if __name__ == "__main__":
    main()
