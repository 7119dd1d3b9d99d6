#!/usr/bin/python3
"""Writes pattern_values.h: what pattern_math.c must find in a few learners.

The model of pattern_math.h taken literally, with 40 digits: a row per cell with
noise of variance 1 / weight, the matrix of variances of days and weeks written
out and inverted, hypotheses enumerated one by one.  pattern_math.c never forms
that matrix.  Cells are the exact doubles that stand in the header.

Debian package: python3-mpmath.
Run:  /usr/bin/python3 test/unit/pattern_values.py > test/unit/pattern_values.h
"""
import itertools
import textwrap

from mpmath import mp, mpf

mp.dps = 40

HABIT, ONE, TWO, WORSE = mpf('0.5'), mpf('0.85'), mpf('0.1'), mpf('0.05')
CHANGE, EVEN, FALLS, RISES, TAU = mpf('0.1'), mpf('0.5'), mpf('0.4'), mpf('0.1'), mpf('0.5')
SEGMENTS, CHANGE_MIN_DAYS, WEEK_DAYS, REFERENCE = 4, 28, 7, 20
DAY_RATIOS = [mpf(r) for r in '0 0.05 0.1 0.2 0.4 0.8 1.6 3.2 10 30 100'.split()]
WEEK_RATIOS = [mpf(r) for r in '0 0.03 0.08 0.2 0.5 1.2 3.2 10 30 100'.split()]


def t_two_sided(t, df):
    return mp.betainc(mpf(df) / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True)


def t_quantile_975(df):
    return mp.findroot(lambda t: t_two_sided(t, df) - mpf('0.05'), (mpf(1.9), mpf(13)), solver='anderson', tol=1e-30)


def log_bayes_factor(information, score, squares, weight):
    """With mean and variance of delta."""
    spread = 1 / (information + 1 / TAU ** 2)
    residual = squares - score ** 2 * spread
    sd = mp.sqrt(residual / (weight - 1) * spread)
    z = score * spread / sd
    m0, m1 = mp.ncdf(z), z * mp.ncdf(z) + mp.npdf(z)
    m2 = z * m1 + m0
    m3 = z * m2 + 2 * m1
    m4 = z * m3 + 3 * m2
    return (-mp.log(1 + information * TAU ** 2) / 2 - (weight - 1) / 2 * mp.log(residual / squares) + mp.log(2 * spread / TAU ** 2 * m2),
            sd * m3 / m2, sd ** 2 * (m4 / m2 - (m3 / m2) ** 2))


class Fit:
    def __init__(self, cells, buckets, changes):
        """cells: (bucket, day or None, rows, weight, sum, squares)"""
        self.cells, self.buckets = cells, buckets
        w = [mpf(c[3]) for c in cells]
        self.weight = mp.fsum(w)
        self.mean = mp.fsum(mpf(c[4]) for c in cells) / self.weight
        mean = [mpf(c[4]) / mpf(c[3]) - self.mean for c in cells]
        total = mp.fsum(mpf(c[5]) for c in cells) + mp.fsum(a * b * b for a, b in zip(w, mean))
        self.scale = mp.sqrt(total / self.weight)
        self.w = w
        self.y = mp.matrix([m / self.scale for m in mean])
        self.within = mp.fsum(mpf(c[5]) for c in cells) / self.scale ** 2
        days = {c[1] for c in cells if c[1] is not None}
        self.df = max(len(days) + sum(c[2] for c in cells if c[1] is None) - 2, 1)
        self.bucket_weight = [mp.fsum(a for a, c in zip(w, cells) if c[0] == b) for b in range(buckets)]
        self.bucket_sum = [mp.fsum(a * y for a, y, c in zip(w, self.y, cells) if c[0] == b) for b in range(buckets)]
        self.segments = 1
        if changes and cells[0][1] is not None and cells[-1][1] - cells[0][1] + 1 >= CHANGE_MIN_DAYS:
            self.segments = SEGMENTS
            self.segment = [(c[1] - cells[0][1]) * SEGMENTS // (cells[-1][1] - cells[0][1] + 1) for c in cells]
        else:
            self.segment = [0] * len(cells)
        # ratios: the restricted likelihood over the grid
        grid = []
        for rd, rw in itertools.product(DAY_RATIOS, WEEK_RATIOS):
            inverse, log_det = self.inverse(rd, rw)
            p, ones = self.project(inverse)
            squares = self.within + (self.y.T * p * self.y)[0]
            grid.append((-(log_det + mp.log(ones) + (self.weight - 1) * mp.log(squares)) / 2 - mp.log((rd + mpf('0.1')) * (rw + mpf('0.1'))), rd, rw))
        best = max(g[0] for g in grid)
        total = mp.fsum(mp.exp(g[0] - best) for g in grid)
        self.day_ratio = mp.fsum(mp.exp(g[0] - best) * g[1] for g in grid) / total
        self.week_ratio = mp.fsum(mp.exp(g[0] - best) * g[2] for g in grid) / total
        self.p = self.project(self.inverse(self.day_ratio, self.week_ratio)[0])[0]
        self.squares = self.within + (self.y.T * self.p * self.y)[0]

    def inverse(self, day_ratio, week_ratio):
        n = len(self.cells)
        v = mp.matrix(n, n)
        for i, a in enumerate(self.cells):
            v[i, i] += 1 / self.w[i]
            for j, b in enumerate(self.cells):
                if a[1] is not None and b[1] is not None:
                    v[i, j] += day_ratio * (a[1] == b[1]) + week_ratio * (a[1] // WEEK_DAYS == b[1] // WEEK_DAYS)
        return v ** -1, mp.log(mp.det(v)) + mp.fsum(mp.log(w) for w in self.w)

    @staticmethod
    def project(inverse):
        one = mp.matrix([1] * inverse.rows)
        ones = (one.T * inverse * one)[0]
        return inverse - (inverse * one) * (one.T * inverse) / ones, ones

    def evidence(self, x):
        return (x.T * self.p * x)[0], (x.T * self.p * self.y)[0]

    def members(self, s):
        kind, a, b = s[:3]
        return {'ONE': [a], 'WORSE': [a], 'TWO': [a, b], 'WINDOW': [(a + i) % self.buckets for i in range(b)]}[kind]

    def sign(self, s):
        return -1 if s[0] == 'WORSE' else 1

    def contrast(self, s, segments=range(SEGMENTS)):
        return mp.matrix([self.sign(s) * int(c[0] in self.members(s) and g in segments) for c, g in zip(self.cells, self.segment)])

    # sets with their priors
    def groups(self):
        k = self.buckets
        if k == 2:
            return [('ONE', a, 0, HABIT / k) for a in range(k)]
        pairs = list(itertools.combinations(range(k), 2))
        return ([('ONE', a, 0, HABIT * ONE / k) for a in range(k)] + [('WORSE', a, 0, HABIT * WORSE / k) for a in range(k)] +
                [('TWO', a, b, HABIT * TWO / len(pairs)) for a, b in pairs])

    def windows(self, width):
        return [('WINDOW', a, width, HABIT * (EVEN / self.buckets + (1 - EVEN) * mp.fsum(
            self.bucket_weight[(a + i) % self.buckets] for i in range(width)) / (width * self.weight))) for a in range(self.buckets)]

    def posterior(self, sets):
        """Per set probability, past, begun, mean, variance."""
        raw, total = [], 1 - HABIT
        for s in sets:
            several = self.segments > 1 and s[0] in ('ONE', 'WINDOW')
            holds, past = [], mpf(0)
            for begin, end in [(0, SEGMENTS)] + ([(b, SEGMENTS) for b in range(1, SEGMENTS)] + [(0, e) for e in range(1, SEGMENTS)] if several else []):
                information, score = self.evidence(self.contrast(s, range(begin, end)))
                log_factor, mean, variance = log_bayes_factor(information, score, self.squares, self.weight)
                whole = (begin, end) == (0, SEGMENTS)
                value = s[3] * mp.exp(log_factor) * ((1 - CHANGE if whole else CHANGE / (2 * (SEGMENTS - 1))) if several else 1)
                total += value
                if end == SEGMENTS:
                    holds.append((value, mean, variance, 0 if whole else value))
                else:
                    past += value
            sum_of = mp.fsum(h[0] for h in holds)
            mean = mp.fsum(h[0] * h[1] for h in holds) / sum_of
            raw.append((sum_of, past, mp.fsum(h[3] for h in holds), mean,
                        mp.fsum(h[0] * (h[2] + h[1] ** 2) for h in holds) / sum_of - mean ** 2))
        return [(r[0] / total, r[1] / total, r[2] / total, r[3], r[4]) for r in raw]

    def confidences(self, sets, posterior):
        confidence, level = [mpf(0)] * self.buckets, [mpf(0)] * self.buckets
        for s, p in zip(sets, posterior):
            for b in self.members(s):
                level[b] += self.sign(s) * p[0] * p[3]
                if s[0] in ('ONE', 'WINDOW') or (s[0] == 'TWO' and self.buckets >= 4):
                    confidence[b] += p[0]
        return confidence, level

    def effect(self, s):
        """effect, error, df, low, high, p_value, inflation"""
        information, score = self.evidence(self.contrast(s))
        weight = mp.fsum(self.bucket_weight[b] for b in self.members(s))
        total = mp.fsum(self.bucket_sum[b] for b in self.members(s))
        variance = (self.squares - score ** 2 / information) / (self.weight - 2) / information
        effect, error = score / information, mp.sqrt(variance)
        half = t_quantile_975(self.df) * error
        alone = weight * (self.weight - weight) / self.weight
        inflation = variance / ((self.weight - total ** 2 / alone) / (self.weight - 2) / alone)
        return [effect * self.scale, error * self.scale, mpf(self.df), (effect - half) * self.scale, (effect + half) * self.scale,
                t_two_sided(effect / error, self.df), inflation]

    def shrunk(self, s, level):
        inside = self.members(s)
        outside = [b for b in range(self.buckets) if b not in inside]

        def average(which):
            return mp.fsum(self.bucket_weight[b] * level[b] for b in which) / mp.fsum(self.bucket_weight[b] for b in which)
        return (average(inside) - average(outside)) * self.scale

    def replication(self, sets, posterior, target):
        inside = self.members(target)
        weight = mp.fsum(self.bucket_weight[b] for b in inside)
        error = self.effect(target)[1] / self.scale
        result = mpf('0.5')
        for s, p in zip(sets, posterior):
            advantage = self.sign(s) * mp.fsum(self.bucket_weight[b] * (1 / weight if b in inside else -1 / (self.weight - weight)) for b in self.members(s))
            result += p[0] * (mp.ncdf(advantage * p[3] / mp.sqrt(advantage ** 2 * p[4] + error ** 2)) - mpf('0.5'))
        return result

    def steps(self, s):
        """effect, sample size, consistency; prior odds HABIT : 1 - HABIT"""
        def against_none(*evidence):
            odds = HABIT / (1 - HABIT) * mp.exp(log_bayes_factor(*evidence)[0])
            return odds / (1 + odds)
        information, score = self.evidence(self.contrast(s))
        weight = mp.fsum(self.bucket_weight[b] for b in self.members(s))
        total = mp.fsum(self.bucket_sum[b] for b in self.members(s))
        delta = score / information
        variance = (self.squares - score * delta) / (self.weight - 2)
        n = mpf(REFERENCE)
        # n / 2 rows on either side: information n / 4, n - 2 degrees of freedom
        return [against_none(n / 4, delta * n / 4, variance * (n - 2) + delta ** 2 * n / 4, n),
                against_none(weight * (self.weight - weight) / self.weight, total, self.weight, self.weight),
                against_none(information, score, self.squares, self.weight)]

    def limit(self, position):
        """probability, at, low, high, slope, slope_low, slope_high, effect"""
        candidates = []
        for c in range(self.buckets):
            beyond = mp.fsum(self.bucket_weight[c + 1:])
            if beyond == 0 or self.bucket_weight[c] == 0:
                continue
            excess = mp.fsum(self.bucket_weight[i] * (position[i] - position[c]) for i in range(c + 1, self.buckets)) / beyond
            x = mp.matrix([max(position[cell[0]] - position[c], 0) / excess for cell in self.cells])
            candidates.append((c, excess) + self.evidence(x))
        usable = mp.fsum(self.bucket_weight[c] for c, _, _, _ in candidates)
        falls, total = [], 1 - FALLS - RISES
        for c, excess, information, score in candidates:
            log_factor, mean, variance = log_bayes_factor(information, -score, self.squares, self.weight)
            p = FALLS * self.bucket_weight[c] / usable * mp.exp(log_factor)
            falls.append((p, c, excess, mean, variance))
            total += p + RISES * self.bucket_weight[c] / usable * mp.exp(log_bayes_factor(information, score, self.squares, self.weight)[0])
        mass = mp.fsum(f[0] for f in falls)
        slope = mp.fsum(p * mean / excess for p, _, excess, mean, _ in falls) / mass
        square = mp.fsum(p * (variance + mean ** 2) / excess ** 2 for p, _, excess, mean, variance in falls) / mass
        half = mp.sqrt(2) * mp.erfinv(mpf('0.95')) * mp.sqrt(square - slope ** 2)
        quantiles = []
        for q in ('0.025', '0.975'):
            below = mpf(0)
            for p, c, _, _, _ in falls:
                below += p / mass
                if below >= mpf(q):
                    quantiles.append(mpf(position[c]))
                    break
        return [mass / total, mp.fsum(p * position[c] for p, c, _, _, _ in falls) / mass] + quantiles + [
            -slope * self.scale, (-slope - half) * self.scale, (-slope + half) * self.scale,
            -mp.fsum(p * mean for p, _, _, mean, _ in falls) / mass * self.scale]


# --- learners ---------------------------------------------------------------

def cell(bucket, day, rows, weight, mean, spread):
    return bucket, day, rows, weight, weight * mean, weight * spread


# Thirty-six days from 1999 to 2000; bucket 2 becomes better in the second half.
DATED = [cell(*c) for c in (
    (0, -12, 2, 2.0, 0.50, 0.010), (1, -12, 1, 1.0, 0.72, 0.0), (3, -9, 1, 0.75, 0.44, 0.0), (2, -8, 2, 1.5, 0.47, 0.012),
    (1, -7, 1, 1.0, 0.61, 0.0), (2, -4, 1, 1.25, 0.58, 0.0), (3, -1, 3, 2.5, 0.52, 0.015), (0, 0, 1, 1.0, 0.41, 0.0),
    (2, 0, 2, 2.0, 0.66, 0.011), (1, 5, 1, 1.0, 0.43, 0.0), (2, 6, 1, 1.5, 0.90, 0.0), (0, 9, 1, 1.0, 0.55, 0.0),
    (3, 11, 2, 2.0, 0.49, 0.013), (2, 14, 2, 1.75, 0.95, 0.014), (1, 17, 1, 1.0, 0.58, 0.0), (0, 20, 1, 1.25, 0.38, 0.0),
    (2, 20, 1, 1.0, 0.81, 0.0), (3, 23, 1, 1.0, 0.63, 0.0))]
# Ten buckets in a circle, the last and the first two better; weights differ.
CIRCLE = [cell(*c) for c in (
    (0, -3, 2, 2.0, 0.8, 0.02), (4, -3, 1, 1.5, 0.5, 0.0), (9, 2, 1, 1.0, 0.9, 0.0), (1, 4, 1, 1.0, 0.7, 0.0), (3, 4, 2, 1.25, 0.45, 0.01),
    (5, 8, 1, 1.0, 0.55, 0.0), (6, 10, 1, 0.5, 0.4, 0.0), (7, 13, 2, 2.0, 0.5, 0.03), (9, 13, 1, 1.0, 0.75, 0.0), (0, 18, 1, 1.0, 0.85, 0.0),
    (2, 21, 1, 1.0, 0.35, 0.0), (8, 21, 1, 1.0, 0.6, 0.0), (1, 25, 3, 2.75, 0.65, 0.02), (6, 27, 1, 1.0, 0.3, 0.0), (4, 29, 1, 1.0, 0.42, 0.0))]
# Rows without a day before rows with one; the score falls beyond the third bucket, one bucket between and the last are empty.
FALL = [cell(*c) for c in (
    (0, None, 3, 3.0, 0.80, 0.02), (1, None, 2, 1.5, 0.74, 0.03), (4, None, 1, 1.0, 0.55, 0.0), (5, None, 2, 2.0, 0.30, 0.02),
    (0, 3, 1, 1.0, 0.70, 0.0), (2, 3, 2, 2.0, 0.82, 0.01), (4, 6, 1, 1.0, 0.62, 0.0), (2, 8, 1, 1.25, 0.71, 0.0), (1, 16, 1, 1.0, 0.79, 0.0),
    (5, 16, 1, 1.0, 0.41, 0.0), (4, 17, 1, 0.75, 0.52, 0.0))]
POSITION = [10, 15, 25, 30, 45, 60, 90]
# The same scores upside down: they rise, and what falls has next to no weight.
RISE = [c[:4] + (-c[4], c[5]) for c in FALL]
# A light bucket between and a light one at the end, close to the one before.
NEAR = [cell(*c) for c in (
    (0, -20, 3, 3.0, 0.80, 0.02), (1, -20, 2, 1.5, 0.74, 0.03), (3, -14, 2, 2.0, 0.66, 0.02), (2, -12, 1, 0.005, 0.60, 0.0),
    (0, -6, 1, 1.0, 0.76, 0.0), (3, -5, 2, 2.5, 0.52, 0.01), (1, -2, 1, 1.0, 0.79, 0.0), (4, 1, 1, 0.005, 0.9, 0.0),
    (3, 5, 1, 1.25, 0.57, 0.0), (1, 9, 2, 2.25, 0.71, 0.01))]
# Of the place, 2.53 % lie at the first bucket and 99.42 % up to the third.
TURN = [cell(i, None, 5, 5.0, mean, 0.01) for i, mean in enumerate((0.6, 0.8, 0.79, 0.36, 0.32))]
NEAR_POSITION = [0.0, 0.25, 0.75, 1.0, 1.00390625]
# Many rows on days that hardly differ, a bucket with next to no weight.
HEAVY = [cell(*c) for c in (
    (0, 0, 50, 50.0, 0.51, 0.04), (1, 0, 50, 50.0, 0.55, 0.05), (0, 1, 50, 50.0, 0.50, 0.04), (2, 2, 1, 0.005, 0.9, 0.0),
    (0, 3, 50, 50.0, 0.49, 0.05), (1, 3, 50, 50.0, 0.54, 0.04), (0, 8, 50, 50.0, 0.52, 0.04), (1, 8, 50, 50.0, 0.56, 0.05),
    (0, 12, 50, 50.0, 0.50, 0.05), (1, 12, 50, 50.0, 0.53, 0.04), (1, 16, 50, 50.0, 0.54, 0.04), (0, 19, 50, 50.0, 0.51, 0.04))]
# On the second day cells without weight, which say nothing.
WEIGHTLESS = [(1, 1, 1, 0.0, 0.0, 0.0), (2, 1, 1, 0.0, 0.0, 0.0)]
# Bucket 0 is better for a quarter of the time and worse ever after.
ENDED = [cell(b, 4 * d, 1, 2.0, 0.5 + (0.03, -0.02, 0.01)[(3 * d + 5 * b) % 7 % 3] + (0.40 if d < 2 else -0.15) * (b == 0), 0.002)
         for d in range(8) for b in range(2)]


def number(x):
    return mp.nstr(mpf(x), 20, min_fixed=-5, max_fixed=18)


def show(name, rows):
    rows = [r if isinstance(r, (list, tuple)) else [r] for r in rows]
    print('static const double %s[] = {' % name)
    for row in rows:
        print(textwrap.fill(', '.join(number(x) for x in row) + ',', 90, initial_indent='\t', subsequent_indent='\t', break_on_hyphens=False))
    print('};\n')


def learner(name, cells, buckets, changes, more=()):
    """more: cells without weight, which the matrix has no row for."""
    print('static const PatternCell %s_cells[] = {' % name)
    for c in sorted([*cells, *more], key=lambda c: (c[1] is not None, c[1], c[0])):
        print('\t{%d, %s, %d, %r, %r, %r},' % (c[0], 'PATTERN_NO_DAY' if c[1] is None else c[1], c[2], c[3], c[4], c[5]))
    print('};\n')
    fit = Fit(cells, buckets, changes)
    show(name + '_fit', [fit.weight, fit.mean, fit.scale, fit.day_ratio, fit.week_ratio, fit.squares, fit.df, t_quantile_975(fit.df)])
    return fit


def judged(name, fit, sets):
    posterior = fit.posterior(sets)
    confidence, level = fit.confidences(sets, posterior)
    show(name + '_posterior', [(s[3], ) + p for s, p in zip(sets, posterior)])
    show(name + '_confidence', confidence)
    show(name + '_level', level)
    show(name + '_effect', [fit.effect(s) for s in sets])
    show(name + '_shrunk', [(fit.shrunk(s, level), fit.replication(sets, posterior, s)) for s in sets])
    show(name + '_steps', [fit.steps(s) for s in sets])


print('/*\n * pattern_values.h\n *\t\tWhat pattern_math.c must find; written by pattern_values.py, not by hand.\n */')
print('/* weight, mean, scale, day_ratio, week_ratio, squares, df, quantile */')
fit = learner('dated', DATED, 4, True)
print('/*\n * Per set prior, probability, past, begun, mean, variance; per bucket confidence\n'
      ' * and level; per set the members of PatternEffect, the shrunk effect and the\n * replication, the members of PatternSteps.\n */')
judged('dated', fit, fit.groups())
fit = learner('circle', CIRCLE, 10, True)
judged('circle', fit, fit.windows(3))
fit = learner('heavy', HEAVY, 3, False, WEIGHTLESS)
judged('heavy', fit, fit.groups())
fit = learner('ended', ENDED, 2, True)
judged('ended', fit, fit.groups())
print('/* positions; the members of PatternLimit */')
for name, cells, position in ('fall', FALL, POSITION), ('rise', RISE, POSITION), ('near', NEAR, NEAR_POSITION), ('turn', TURN, range(5)):
    fit = learner(name, cells, len(position), False)
    show(name + '_position', [tuple(mpf(p) for p in position)])
    show(name + '_limit', fit.limit([mpf(p) for p in position]))
