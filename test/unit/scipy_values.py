#!/usr/bin/python3
"""Writes special_values.h: what special.c must return, point by point.

Values are computed by mpmath from definitions that special.c does not use:
the incomplete functions by their series of positive terms, with as many digits
as the smaller tail needs, their inverses by Newton's method on those series.
SciPy computes each value a second time; the largest difference is reported for
each table, and each point where it exceeds what SciPy itself is good for (it
loses digits near zeros and at large parameters).  Arguments are the exact doubles that stand in
the table.

Debian packages: python3-scipy, python3-mpmath.
Run:  /usr/bin/python3 test/unit/scipy_values.py > test/unit/special_values.h
"""
import datetime
import os
import sys

import mpmath as mp
import scipy
from scipy import special as sc
from scipy import stats as st

BASE = 40
mp.mp.dps = BASE


# --- definitions ------------------------------------------------------------

def positive_series(first, ratio):
    """first * (1 + r(1) + r(1) r(2) + ...), all terms positive"""
    term = total = first
    n = 0
    eps = mp.mpf(10) ** (-mp.mp.dps)
    while True:
        n += 1
        r = ratio(n)
        term *= r
        total += term
        # Ratios fall towards x < 1: the rest is below a geometric series.
        if r < 1 and term / (1 - r) < total * eps:
            return total


def beta_lower(a, b, x, y):
    # The larger one from the smaller, to the precision in force.
    x, y = (x, 1 - x) if x <= y else (1 - y, y)
    front = mp.exp(a * mp.log(x) + b * mp.log(y) + mp.loggamma(a + b)
                   - mp.loggamma(a) - mp.loggamma(b)) / a
    return positive_series(front, lambda n: (a + b + n - 1) * x / (a + n))


def gamma_lower(a, x):
    front = mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1))
    return positive_series(front, lambda n: x / (a + n))


def rest_of(other, lower):
    """1 - other(), with enough digits left; below 1e-360 its own long series"""
    for mp.mp.dps in (BASE, 2 * BASE, 400):
        value = 1 - other()
        if value > mp.mpf(10) ** (35 - mp.mp.dps):
            break
    enough = value > mp.mpf(10) ** (35 - mp.mp.dps)
    mp.mp.dps = BASE
    return +value if enough else lower()


def betainc(a, b, x, y=None):
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    y = 1 - x if y is None else mp.mpf(y)
    # Towards 1 the series is long, whatever the tail.
    if x <= y:
        return beta_lower(a, b, x, y)
    return rest_of(lambda: beta_lower(b, a, y, x), lambda: beta_lower(a, b, x, y))


def betaincc(a, b, x):
    x = mp.mpf(x)
    return betainc(b, a, 1 - x, x)


def gamma_p(a, x):
    a, x = mp.mpf(a), mp.mpf(x)
    return gamma_lower(a, x)


def gamma_q(a, x):
    a, x = mp.mpf(a), mp.mpf(x)
    return rest_of(lambda: gamma_lower(a, x), lambda: mp.gammainc(a, x, regularized=True))


def newton(start, f, logdensity, target, high, sign=1):
    """Root of log f = log target over log x, x < high; f rises (sign 1) or
    falls (-1); logdensity is log |x f'(x)|. Steps out of the bracket halve it."""
    low, high = mp.mpf(-3000), mp.log(high)
    t = mp.log(mp.mpf(start))
    goal = mp.log(mp.mpf(target))
    for _ in range(200):
        x = mp.exp(t)
        v = f(x)
        gap = sign * (mp.log(v) - goal) if v > 0 else -sign * mp.inf
        if gap > 0:
            high = t
        else:
            low = t
        step = gap * v / mp.exp(logdensity(x)) if v > 0 else mp.inf
        if abs(step) < mp.mpf(10) ** (-22):
            return mp.exp(t - step)
        t = t - step if low < t - step < high else (low + high) / 2
    raise RuntimeError("no convergence")


def beta_logdensity(a, b, x, y):
    return (a * mp.log(x) + (b - 1) * mp.log(y) + mp.loggamma(a + b)
            - mp.loggamma(a) - mp.loggamma(b))


def beta_root(a, b, p, start, q=None):
    """(x, y) with I_x(a, b) = p = 1 - q, from a start pair (x, y): solved for the
    smaller one, on the smaller tail"""
    a, b, p = mp.mpf(a), mp.mpf(b), mp.mpf(p)
    q = 1 - p if q is None else q
    x, y = start
    if x > y:
        mirrored = beta_root_left(b, a, q, p, y)
        return 1 - mirrored, mirrored
    x = beta_root_left(a, b, p, q, x)
    return x, 1 - x


def beta_root_left(a, b, p, q, start):
    density = lambda x: beta_logdensity(a, b, x, 1 - x)
    if p < q:
        return newton(start, lambda x: betainc(a, b, x, 1 - x), density, p, 1)
    return newton(start, lambda x: betainc(b, a, 1 - x, x), density, q, 1, -1)


def start_beta(a, b, p):
    """Bisection over log x, or log (1 - x), with SciPy's cdf: its own inverse
    is lost for small shapes. A pair as above."""
    q = float(1 - mp.mpf(p))
    mirrored = sc.btdtr(a, b, 0.5) < p
    if mirrored:
        a, b, p, q = b, a, q, p
    low, high = -690.0, float(mp.log(0.5))
    for _ in range(45):
        middle = (low + high) / 2
        x = float(mp.exp(middle))
        # The smaller tail tells more.
        if (sc.btdtr(a, b, x) < p) if p < q else (sc.btdtr(b, a, 1 - x) > q):
            low = middle
        else:
            high = middle
    x = mp.exp(mp.mpf(low))
    return (1 - x, x) if mirrored else (x, 1 - x)


def gamma_root(a, p, q):
    a = mp.mpf(a)
    density = lambda x: a * mp.log(x) - x - mp.loggamma(a)
    if q is None:
        start = float(sc.gammaincinv(float(a), p))
        if start < 1e-290:
            start = mp.exp((mp.log(mp.mpf(p)) + mp.loggamma(a + 1)) / a)
        return newton(start, lambda x: gamma_p(a, x), density, p, 1e9)
    start = float(sc.gammainccinv(float(a), q))
    return newton(start, lambda x: gamma_q(a, x), density, q, 1e9, -1)


def normal_cdf(x):
    return mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2


def normal_quantile(p):
    p = mp.mpf(p)
    if p > mp.mpf(1) / 2:
        return -normal_quantile(1 - p)
    if p == mp.mpf(1) / 2:
        return mp.mpf(0)
    x = mp.mpf(float(sc.ndtri(float(p))))
    for _ in range(60):
        v = normal_cdf(x)
        step = mp.log(v / p) * v / mp.npdf(x)
        x -= step
        if abs(step) < mp.mpf(10) ** (-30) * abs(x):
            return x
    raise RuntimeError("no convergence")


def t_two_sided(t, df):
    t, df = mp.mpf(t), mp.mpf(df)
    s = df + t * t
    return betainc(df / 2, mp.mpf(1) / 2, df / s, t * t / s)


def t_cdf(t, df):
    if t == 0:
        return mp.mpf(1) / 2
    p = t_two_sided(t, df) / 2
    return p if t < 0 else 1 - p


def t_quantile(p, df):
    p, df = mp.mpf(p), mp.mpf(df)
    sign = -1 if p < mp.mpf(1) / 2 else 1
    tail = min(p, 1 - p)
    central = abs(1 - 2 * p)
    t0 = abs(mp.mpf(float(st.t.ppf(float(tail), float(df)))))
    w = t0 * t0 / (df + t0 * t0)
    x, y = beta_root(mp.mpf(1) / 2, df / 2, central, (w, df / (df + t0 * t0)), 2 * tail)
    return sign * mp.sqrt(df * x / y)


def f_upper(f, d1, d2):
    f, d1, d2 = mp.mpf(f), mp.mpf(d1), mp.mpf(d2)
    s = d2 + d1 * f
    return betainc(d2 / 2, d1 / 2, d2 / s, d1 * f / s)


def binomial_upper(k, n, p):
    return betainc(k, n - k + 1, p)


# --- tables -------------------------------------------------------------------

def emit(name, arity, points, exact, other=None, tolerance=1e-9, floor=1e-300,
         absolute=False):
    rows = []
    worst = 0.0
    for point in points:
        value = exact(*point)
        if value != 0 and abs(value) < floor:
            continue
        if other is not None:
            second = mp.mpf(float(other(*point)))
            scale = max(abs(value), mp.mpf(1)) if absolute else abs(value)
            gap = float(abs(second - value) / scale) if scale else float(abs(second))
            worst = max(worst, gap)
            if gap > tolerance:
                sys.stderr.write("%s%r: mpmath %s, scipy %s\n"
                                 % (name, point, mp.nstr(value, 17), mp.nstr(second, 17)))
        rows.append("\t{{%s}, %s}" % (", ".join("%.17g" % float(v) for v in point),
                                      mp.nstr(value, 17, min_fixed=-5, max_fixed=17)))
    assert len(rows) >= 40, (name, len(rows))
    sys.stderr.write("%-24s %3d points, scipy within %.1e\n" % (name, len(rows), worst))
    print("static const Value %s_values[] = {" % name)
    print(",\n".join(rows))
    print("};\n")


SHAPES = [1e-3, 0.02, 0.5, 1, 1.5, 2, 7.25, 30, 400, 1e4, 1e6]


def beta_points():
    """Every pair of shapes at the mean and some deviations to both sides"""
    out = []
    for a in SHAPES:
        for b in SHAPES:
            mean = a / (a + b)
            sd = (a * b / ((a + b) ** 2 * (a + b + 1))) ** 0.5
            for z in (-8, -2, 0.1, 3, 12):
                x = mean + z * sd
                if 1e-12 < x < 1 - 1e-9:
                    out.append((a, b, x))
            out.append((a, b, 1e-5))
            if a * b < 1e5:
                out.append((a, b, 0.5))
                out.append((a, b, 0.999))
    out += [(1, 1, 0.3), (0.5, 0.5, 1e-200), (1e-3, 1e-3, 1e-300), (2, 3, 1e-90),
            (1e5, 1e5, 0.49), (1e5, 1e5, 0.51),
            (1e6, 1e6, 0.4894), (1e6, 1e4, 0.9868), (1e6, 1e4, 0.987654321), (5, 1e5, 1e-6), (1e5, 5, 1 - 1e-6)]
    # Only what is neither 0 nor 1 to double precision says anything.
    return [q for q in out if 1e-290 < sc.btdtr(*q) or q[2] < 1e-80]


def gamma_points(upper):
    out = []
    for a in SHAPES:
        sd = a ** 0.5
        for z in (-20, -5, -1, -0.1, 0, 0.5, 2, 6, 25):
            x = a + z * sd
            if x > 0:
                out.append((a, x))
        out += [(a, 1e-8), (a, 0.3), (a, 1.0), (a, a + 1)]
    out += [(0.5, 600.0), (3, 650.0), (1e-3, 1e-250), (1e-3, 20.0), (0.02, 400.0)]
    f = sc.gammaincc if upper else sc.gammainc
    return [q for q in out if f(*q) > 1e-290]


P = [1e-280, 1e-30, 1e-9, 1e-3, 0.025, 0.2, 0.4999, 0.5, 0.7, 0.95, 0.999, 1 - 1e-10]
INVERSE_SHAPES = [1e-3, 0.3, 1, 2.5, 40, 3000, 1e6]


def beta_inverse_points():
    out = []
    for i, a in enumerate(INVERSE_SHAPES):
        for j, b in enumerate(INVERSE_SHAPES):
            # The slow pairs of large shapes at fewer points.
            for p in P if a * b < 1e5 else [1e-30, 0.025, 0.4999, 0.999]:
                root = mp.log(mp.mpf(p)) / a
                if a <= 1 and root < -600:
                    continue        # underflows
                y = sc.btdtri(b, a, float(1 - mp.mpf(p)))
                if y < 1e-15 and sc.btdtri(a, b, p) > 0.5:
                    continue        # rounds to 1
                out.append((a, b, p))
    return out


def main():
    print("""/*
 * special_values.h
 *		Expected values of special.c; generated, do not edit.
 *
 * Values: mpmath %s with %d digits and more, cross-checked with SciPy %s.
 * Command: /usr/bin/python3 test/unit/scipy_values.py > test/unit/special_values.h
 * Date: %s
 */
""" % (mp.__version__, BASE, scipy.__version__,
       os.environ.get("VALUES_DATE") or datetime.date.today().isoformat()))

    xs = [1e-300, 1e-20, 1e-3, 0.01, 0.1, 0.25, 0.3, 0.49, 0.5, 0.51, 0.75, 0.9, 0.999,
          0.999999999, 1.0000001, 1.01, 1.3, 1.4616, 1.4616321449683622, 1.49, 1.5, 1.51,
          1.7, 1.75, 1.9, 1.99999999, 2.00000001, 2.1, 2.49, 2.5, 2.51, 3, 4.2, 5.5, 7,
          9, 9.99, 10, 10.01, 15, 33.3, 100, 1234.5, 1e4, 1e6, 1e9, 1e15, 1e100, 1e300]
    emit("lgamma", 1, [(x,) for x in xs], lambda x: mp.loggamma(x), sc.gammaln, 1e-7)
    emit("digamma", 1, [(x,) for x in xs], lambda x: mp.digamma(x), sc.digamma, 1e-9)

    pairs = [(a, b) for a in SHAPES for b in SHAPES] + [(1e-3, 1e12), (1e12, 1e12)]
    emit("lbeta", 2, pairs,
         lambda a, b: mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(mp.mpf(a) + mp.mpf(b)),
         sc.betaln, 1e-8, floor=0, absolute=True)

    points = beta_points()
    emit("betainc", 3, points, betainc, sc.btdtr, 1e-8)
    emit("betainc_upper", 3, [(b, a, 1 - x) for a, b, x in points
                              if 1e-6 < x < 1 and 1 - (1 - x) == x]
         + [(a, b, x) for a, b, x in points if sc.btdtr(b, a, 1 - x) > 1e-290],
         betaincc, None)

    points = beta_inverse_points()
    emit("betainc_inv", 3, points,
         lambda a, b, p: beta_root(a, b, p, start_beta(a, b, p))[0], sc.btdtri, 1e-6)
    emit("betainc_upper_inv", 3, [(a, b, q) for b, a, q in points if q < 0.6],
         lambda a, b, q: beta_root(b, a, q, start_beta(b, a, q))[1], None)

    emit("gamma_p", 2, gamma_points(False), gamma_p, sc.gammainc, 1e-8)
    emit("gamma_q", 2, gamma_points(True), gamma_q, sc.gammaincc, 1e-8)
    inverse = [(a, p) for a in INVERSE_SHAPES for p in P
               if not (a <= 1 and mp.log(mp.mpf(p)) / a < -600)]
    emit("gamma_p_inv", 2, inverse, lambda a, p: gamma_root(a, p, None), sc.gammaincinv, 1e-6)
    emit("gamma_q_inv", 2, [(a, q) for a in INVERSE_SHAPES for q in P
                            if a > 0.01 or q < 1e-3],
         lambda a, q: gamma_root(a, None, q), sc.gammainccinv, 1e-6)

    zs = [0, 1e-300, 1e-20, 1e-9, 1e-3, 0.01, 0.1, 0.25, 0.5, 0.7, 1, 1.3, 1.96, 2.5, 3,
          4, 5, 6.5, 8, 10, 15, 20, 25, 30, 35, 37]
    both_signs = [(z,) for z in zs] + [(-z,) for z in zs if z]
    emit("normal_pdf", 1, both_signs, lambda x: mp.npdf(mp.mpf(x)), st.norm.pdf, 1e-12)
    emit("normal_cdf", 1, both_signs, normal_cdf, sc.ndtr, 1e-11)
    emit("normal_upper", 1, both_signs, lambda x: normal_cdf(-mp.mpf(x)),
         lambda x: sc.ndtr(-x), 1e-11)
    ps = [1e-300, 1e-200, 1e-100, 1e-50, 1e-30, 1e-20, 1e-15, 1e-12, 1e-9, 1e-7, 1e-6, 1e-5,
          1e-4, 1e-3, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.2499, 0.25, 0.2501, 0.3,
          0.35, 0.4, 0.45, 0.48, 0.499, 0.499999, 0.5, 0.500000001, 0.51, 0.6, 0.7, 0.75,
          0.8, 0.9, 0.95, 0.975, 0.99, 0.999, 0.999999, 1 - 1e-12]
    emit("normal_quantile", 1, [(p,) for p in ps], normal_quantile, sc.ndtri, 1e-9)

    dfs = [1e-3, 0.1, 1, 1.5, 2, 3.7, 10, 30, 250, 1e4, 1e6]
    ts = [1e-9, 0.01, 0.3, 1, 2, 3.5, 6, 15, 36, 1e3]
    t_points = [(t, d) for t in ts for d in dfs]
    emit("t_two_sided", 2, t_points, t_two_sided, lambda t, d: 2 * st.t.sf(t, d), 1e-8)
    emit("t_cdf", 2, [(-t, d) for t, d in t_points] + t_points + [(0, d) for d in dfs],
         t_cdf, st.t.cdf, 1e-8)
    emit("t_quantile", 2, [(p, d) for d in dfs for p in
                           [1e-200, 1e-40, 1e-10, 1e-4, 0.025, 0.2, 0.4, 0.49999, 0.6, 0.975,
                            0.99999]
                           if d > 0.5 or 0.39 < p < 0.61],
         t_quantile, st.t.ppf, 1e-6)

    emit("chisq_upper", 2, [(x, d) for d in dfs for x in
                            [1e-6, 0.1, 1, 3.84, 20, 300, 1100, d * 1.01, d + 3 * (2 * d) ** 0.5]
                            if st.chi2.sf(x, d) > 1e-290],
         lambda x, d: gamma_q(mp.mpf(d) / 2, mp.mpf(x) / 2), st.chi2.sf, 1e-8)
    fs = [1e-3, 0.2, 0.9, 1, 1.1, 3, 20, 400]
    emit("f_upper", 3, [(f, d1, d2) for f in fs for d1 in [0.5, 1, 4, 30, 1e3, 1e6]
                        for d2 in [0.5, 2, 11, 200, 1e6]
                        if st.f.sf(f, d1, d2) > 1e-290],
         f_upper, st.f.sf, 1e-7)

    binomials = [(k, n, p) for n, ks in [(1, [1]), (5, [1, 3, 5]), (40, [1, 9, 20, 40]),
                                         (1000, [1, 100, 510, 700, 1000]),
                                         (1000000, [200, 300500, 500700])]
                 for k in ks for p in [1e-6, 0.02, 0.3, 0.5, 0.93]]
    emit("binomial_upper", 3, [q for q in binomials if st.binom.sf(q[0] - 1, q[1], q[2]) > 1e-290],
         binomial_upper, lambda k, n, p: st.binom.sf(k - 1, n, p), 1e-8)
    emit("binomial_lower", 3, [(k, n, p) for k, n, p in binomials
                               if k < n and st.binom.cdf(k, n, p) > 1e-290],
         lambda k, n, p: betaincc(k + 1, n - k, p), st.binom.cdf, 1e-8)

    emit("beta_logpdf", 3, [(x, a, b) for a in INVERSE_SHAPES for b in INVERSE_SHAPES
                            for x in [1e-200, 1e-6, 0.3, 0.5, 0.999]],
         lambda x, a, b: beta_logdensity(mp.mpf(a), mp.mpf(b), mp.mpf(x), 1 - mp.mpf(x))
         - mp.log(mp.mpf(x)),
         None, floor=0, absolute=True)


main()
