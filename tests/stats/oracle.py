"""Intervals, tests, agreement, decomposition, queues, rankings and ripening, a second time: SciPy, statsmodels,
krippendorff and exact fractions.

The program answers a line with a line (`crates/stats/examples/answers.rs`). Cases are drawn under a fixed seed and must
agree to nine digits. SciPy's own t quantile has only eight (3 degrees, 90 %: 1.637744357 for 1.637744354), so that ends
of intervals are worked out from the quantile of its beta distribution, and those that the libraries give must agree to
six.
"""

import itertools
import math
import subprocess
import sys
import warnings
from fractions import Fraction
from pathlib import Path

import krippendorff
import numpy as np
import statsmodels.api as sm
from scipy import linalg, special, stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check  # noqa: E402

check = Check()
chance = np.random.default_rng(20261101)
NINE, SIX = 1e-9, 1e-6  # relative
groups = {}


def ask(group, question, wanted, tolerance=NINE):
    """Notes a question and the numbers that the answer must hold; None for what there is not."""
    groups.setdefault(group, []).append((question, wanted, tolerance))


def level():
    return float(chance.choice([0.8, 0.9, 0.95, 0.99, round(chance.uniform(0.5, 0.999), 4)]))


def numbers(values):
    return ",".join(repr(float(value)) for value in values)


def pairs(values):
    return ",".join(f"{a!r}:{b!r}" for a, b in values)


def size():
    """A sample's size, from one to some ten million, each order of magnitude as often."""
    return int(10 ** chance.uniform(0, 7))


def t_quantile(c, degrees):
    """With the share c between it and its negative: t squared over itself and the degrees is beta distributed."""
    square = special.betaincinv(0.5, degrees / 2, c)
    return np.sqrt(degrees * square / special.betaincinv(degrees / 2, 0.5, 1 - c))


# Quantiles.
for _ in range(60):
    c = level()
    ask("normal quantiles", f"z {c}", [stats.norm.ppf((1 + c) / 2)])
    degrees = float(10 ** chance.uniform(0, 8))
    ask("t quantiles", f"t {c} {degrees!r}", [t_quantile(c, degrees)])
    ask("t quantiles, SciPy's own", f"t {c} {degrees!r}", [stats.t.ppf((1 + c) / 2, degrees)], SIX)

# Shares.
for i in range(300):
    c, n = level(), size()
    hits = [int(chance.binomial(n, chance.uniform())), 0, n, min(1, n)][i % 4 if i % 5 == 0 else 0]
    ask("Wilson", f"wilson {hits} {n} {c}", proportion_confint(hits, n, 1 - c, "wilson"))
    ask("Clopper-Pearson", f"clopper {hits} {n} {c}", proportion_confint(hits, n, 1 - c, "beta"))
    m = size()
    others = int(chance.binomial(m, chance.uniform()))
    both = confint_proportions_2indep(hits, n, others, m, method="newcomb", alpha=1 - c)
    ask("Newcombe", f"newcombe {hits} {n} {others} {m} {c}", both)
    # SciPy has the plain Wilson interval only for whole hits; so p is a share of them.
    low, high = stats.binomtest(hits, n).proportion_ci(c, "wilson")
    ask("half-widths", f"width {hits / n!r} {n} {c}", [(high - low) / 2])

for _ in range(60):
    c, p, half = level(), float(chance.uniform()), float(10 ** chance.uniform(-3, -0.5))
    z = stats.norm.ppf((1 + c) / 2)
    n = np.arange(1, 3_000_000, dtype=float)
    widths = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    ask("sample sizes", f"size {p!r} {half!r} {c}", [int(n[np.argmax(widths <= half)])])


# Ratios of sums over clusters: a regression on a constant with cluster-robust errors.
def with_test(value, error, degrees, c, theirs=None):
    """The answer to a question for an estimate; the ends that a library gives must be near."""
    half = t_quantile(c, degrees) * error
    if theirs is not None:
        assert np.allclose([value - half, value + half], theirs, rtol=SIX, atol=SIX * half)
    p = 2 * stats.t.sf(abs(value) / error, degrees)
    return [value, error, degrees, value - half, value + half, p]


def regression(hits, calls, c):
    """Record by record; the library's own degrees and interval."""
    y = np.concatenate([np.repeat([1.0, 0.0], [h, n - h]) for h, n in zip(hits, calls)])
    cluster = np.repeat(np.arange(len(calls)), calls)
    fit = sm.OLS(y, np.ones(len(y))).fit(cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True)
    wanted = with_test(fit.params[0], fit.bse[0], len(calls) - 1, c, fit.conf_int(1 - c)[0])
    return [*wanted[:5], fit.pvalues[0]]


def weighted(top, bottom, c):
    """Clusters as they are, weighted by their bottoms."""
    cluster = np.arange(len(top))
    fit = sm.WLS(top / bottom, np.ones(len(top)), weights=bottom)
    fit = fit.fit(cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True)
    wanted = with_test(fit.params[0], fit.bse[0], len(top) - 1, c, fit.conf_int(1 - c)[0])
    return [*wanted[:5], fit.pvalues[0]]


def clusters(k):
    bottom = chance.uniform(1, 100, k)
    return bottom * chance.gamma(2, 5, k), bottom


for _ in range(80):
    c, k = level(), int(chance.integers(2, 60))
    calls = chance.integers(1, 50, k)
    hits = chance.binomial(calls, chance.uniform(0.05, 0.6, k))
    if 0 < hits.sum() < calls.sum() and len(set(hits / calls)) > 1:
        ask("ratios of shares", f"ratio {c} {pairs(zip(map(int, hits), map(int, calls)))}", regression(hits, calls, c))
    top, bottom = clusters(k)
    one = weighted(top, bottom, c)
    ask("ratios of amounts", f"ratio {c} {pairs(zip(map(float, top), map(float, bottom)))}", one)
    other_top, other_bottom = clusters(int(chance.integers(2, 60)))
    other = weighted(other_top, other_bottom, c)
    error = np.hypot(one[1], other[1])
    degrees = error**4 / (one[1] ** 4 / one[2] + other[1] ** 4 / other[2])
    ask(
        "differences of ratios",
        f"difference {c} {pairs(zip(map(float, top), map(float, bottom)))}"
        f" {pairs(zip(map(float, other_top), map(float, other_bottom)))}",
        with_test(one[0] - other[0], error, degrees, c),
    )

# Means.
for _ in range(80):
    c = level()
    one = chance.lognormal(3, 1, int(chance.integers(2, 200)))
    other = chance.lognormal(3.2, 0.5, int(chance.integers(2, 200)))
    test = stats.ttest_1samp(one, 0)
    wanted = with_test(one.mean(), stats.sem(one), test.df, c, test.confidence_interval(c))
    ask("means", f"mean {c} {numbers(one)}", [*wanted[:5], test.pvalue])
    test = stats.ttest_ind(one, other, equal_var=False)
    error = np.hypot(stats.sem(one), stats.sem(other))
    wanted = with_test(one.mean() - other.mean(), error, test.df, c, test.confidence_interval(c))
    ask("differences of means", f"meandifference {c} {numbers(one)} {numbers(other)}", [*wanted[:5], test.pvalue])

# Quantiles by order statistics.
for _ in range(120):
    c, n, q = level(), size(), float(np.round(chance.uniform(0.05, 0.95), 3))
    tail = (1 - c) / 2
    low, high = int(stats.binom.ppf(tail, n, q)), int(stats.binom.ppf(1 - tail, n, q)) + 1
    sure = stats.binom.cdf(high - 1, n, q) - stats.binom.cdf(low - 1, n, q)
    wanted = [low, high, sure] if low >= 1 and high <= n else [None] * 3
    ask("ranks", f"ranks {n} {q} {c}", wanted)
    values = chance.gamma(2, 30, int(chance.integers(1, 300)))
    ends = stats.quantile_test(values, q=0, p=q).confidence_interval(c)
    wanted = list(ends) if np.isfinite(ends).all() else [None, None]
    ask("quantiles", f"quantile {q} {c} {numbers(values)}", wanted)

# Net promoter score: mean and population variance of 1, 0 and -1.
for i in range(80):
    c = level()
    counts = chance.integers(0, 300, 3) if i > 10 else np.eye(3, dtype=int)[i % 3] * (i + 1)
    p, m, d = map(int, counts)
    values = np.repeat([1.0, 0.0, -1.0], counts)
    z = stats.norm.ppf((1 + c) / 2)

    def margins(mean, variance, n):
        half = z * np.sqrt(variance / n)
        return [max(mean - half, -1), min(mean + half, 1)]

    plain = [None] * 3
    if values.std() > 0:
        plain = [values.std() / np.sqrt(len(values)), *margins(values.mean(), values.var(), len(values))]
    heavy = counts + np.array([0.75, 1.5, 0.75])
    mean = np.average([1, 0, -1], weights=heavy)
    variance = np.average((np.array([1, 0, -1]) - mean) ** 2, weights=heavy)
    ask("net promoter scores", f"nps {p} {m} {d} {c}", [values.mean(), *plain, *margins(mean, variance, heavy.sum())])


# Bootstrap: the same draws by another hand, and SciPy with draws of its own.
MASK = (1 << 64) - 1


def draws(seed, sample, k, replicates):
    state = (seed ^ (sample * 0xD6E8FEB86659FD93 & MASK)) & MASK
    for _ in range(replicates):
        drawn = []
        for _ in range(k):
            state = (state + 0x9E3779B97F4A7C15) & MASK
            z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            drawn.append(((z ^ (z >> 31)) * k) >> 64)
        yield drawn


def ratio_of(parts):
    return parts[:, 0].sum() / parts[:, 1].sum()


def again(parts, seed, sample, replicates):
    parts = np.array(sorted(map(tuple, parts)))
    return parts, np.array([ratio_of(parts[drawn]) for drawn in draws(seed, sample, len(parts), replicates)])


def left_out(parts):
    return np.array([ratio_of(np.delete(parts, i, 0)) for i in range(len(parts))])


def ends_of(kind, value, replicates, influences, c):
    """`influences` are those of all clusters, already over the size of their sample."""
    levels = np.array([(1 - c) / 2, (1 + c) / 2])
    if kind == "bca":
        below = (np.sum(replicates < value) + np.sum(replicates <= value)) / (2 * len(replicates))
        bias, z = stats.norm.ppf(below), stats.norm.ppf(levels)
        a = np.sum(influences**3) / (6 * np.sum(influences**2) ** 1.5)
        levels = stats.norm.cdf(bias + (bias + z) / (1 - a * (bias + z)))
    return list(np.quantile(replicates, levels))


def influence(parts):
    without = left_out(parts)
    return (len(parts) - 1) / len(parts) * (without.mean() - without)


for i in range(40):
    kind, c, seed = ["percentile", "bca"][i % 2], float(chance.choice([0.8, 0.9, 0.95])), int(chance.integers(1 << 40))
    later = np.column_stack(clusters(int(chance.integers(30, 60))))
    earlier = np.column_stack(clusters(int(chance.integers(30, 60))))
    replicates = 300
    sorted_later, one = again(later, seed, 0, replicates)
    sorted_earlier, other = again(earlier, seed, 1, replicates)
    value = ratio_of(later)
    ends = ends_of(kind, value, one, influence(sorted_later), c)
    text = [pairs([(float(t), float(b)) for t, b in parts]) for parts in (later, earlier)]
    how = f"{kind} {replicates} {seed} {c}"
    ask("bootstrap, draw for draw", f"bootstrap {how} {text[0]}", [value, *ends, i % 2])
    value -= ratio_of(earlier)
    influences = np.concatenate([influence(sorted_later), -influence(sorted_earlier)])
    ends = ends_of(kind, value, one - other, influences, c)
    ask("bootstrap, draw for draw", f"bootstrapdifference {how} {' '.join(text)}", [value, *ends, i % 2])

for i in range(12):
    kind = ["percentile", "BCa"][i % 2]
    later, earlier = (np.column_stack(clusters(40)) for _ in range(2))

    def difference(lt, lb, et, eb, axis=-1):
        return lt.sum(axis) / lb.sum(axis) - et.sum(axis) / eb.sum(axis)

    # Draws of two samples, tops and bottoms of each together.
    def statistic(one, other, axis=-1):
        one, other = one.astype(int), other.astype(int)
        return difference(later[one, 0], later[one, 1], earlier[other, 0], earlier[other, 1], axis)

    theirs = stats.bootstrap(
        (np.arange(40), np.arange(40)), statistic, n_resamples=20_000, method=kind, vectorized=True, random_state=chance
    ).confidence_interval
    text = [pairs([(float(t), float(b)) for t, b in parts]) for parts in (later, earlier)]
    # A tenth of the half-width: what 20,000 draws on either side leave to chance.
    within = 0.1 * (theirs.high - theirs.low) / 2
    ask(
        "bootstrap, SciPy's own draws",
        f"bootstrapdifference {kind.lower()} 20000 1 0.95 {' '.join(text)}",
        [ratio_of(later) - ratio_of(earlier), theirs.low, theirs.high, i % 2],
        ("absolute", within),
    )

# Agreement.
for i in range(120):
    k, n = int(chance.integers(2, 6)), int(chance.integers(2, 200))
    first = chance.integers(0, k, n)
    second = np.where(chance.uniform(size=n) < chance.uniform(), first, chance.integers(0, k, n))
    table = np.zeros((k, k))
    np.add.at(table, (first, second), 1)
    kappas, errors = [], []
    for weights in (None, "linear", "quadratic"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = cohens_kappa(table, wt=weights)
        unanimous = table.max() == n and table.trace() == n
        kappas.append(None if unanimous else found.kappa)
        errors.append(None if unanimous else found.std_kappa)
    raw = np.mean(first == second)
    used = (np.bincount(first, minlength=k) + np.bincount(second, minlength=k)) / (2 * n)
    by_chance = np.sum(used * (1 - used)) / (k - 1)
    wanted = [raw, *kappas, *errors, (k * raw - 1) / (k - 1), (raw - by_chance) / (1 - by_chance)]
    ask("Cohen, PABAK, AC1", f"table {k} {pairs(zip(map(int, first), map(int, second)))}", wanted)

    raters = int(chance.integers(2, 8))
    counts = chance.multinomial(raters, chance.dirichlet(np.ones(k)), n)
    if (counts.sum(0) > 0).sum() > 1:
        text = ";".join(",".join(map(str, call)) for call in counts.tolist())
        ask("Fleiss", f"fleiss {text}", [fleiss_kappa(counts)])

    values = np.sort(chance.choice(np.arange(1, 30) / 2, 5, replace=False))
    truth = chance.choice(values, (1, n))
    rated = np.where(chance.uniform(size=(raters, n)) < 0.6, truth, chance.choice(values, (raters, n)))
    rated[chance.uniform(size=rated.shape) < 0.3] = np.nan
    # Pairs only count where a call has two of them; what is left must differ.
    paired = rated[:, (~np.isnan(rated)).sum(0) >= 2]
    if len(np.unique(paired[~np.isnan(paired)])) > 1:
        text = ";".join(",".join(repr(float(v)) for v in call if not np.isnan(v)) for call in rated.T)
        for scale in ("nominal", "ordinal", "interval", "ratio"):
            known = krippendorff.alpha(reliability_data=rated, level_of_measurement=scale)
            ask("Krippendorff", f"alpha {scale} {text}", [known])

for _ in range(40):
    n = int(chance.integers(1, 60))
    master, rater = chance.uniform(size=(2, n)) < [[0.3], [0.4]]
    wanted = [rater[master].mean() if master.any() else None, (~rater[~master]).mean() if not master.all() else None]
    ask("detection", f"detection {pairs(zip(map(int, master), map(int, rater)))}", wanted)
    scores = [(Fraction(int(a), 10), Fraction(int(b), 10)) for a, b in chance.integers(700, 1000, (n, 2))]
    points = Fraction(int(chance.integers(0, 200)), 10)
    near = sum(abs(a - b) <= points for a, b in scores)
    ask("within", f"within {float(points)} {pairs((float(a), float(b)) for a, b in scores)}", [near / n])


# Decomposition: Shapley's values of shares and rates, in exact fractions.
def taken_apart(before, after):
    w = [[Fraction(b) / sum(Fraction(x) for _, x in side) for _, b in side] for side in (before, after)]
    r = [[Fraction(t) / Fraction(b) if b else None for t, b in side] for side in (before, after)]
    whole = [sum(Fraction(t) for t, _ in side) / sum(Fraction(b) for _, b in side) for side in (before, after)]
    middle = sum(whole) / 2
    effects = []
    for i in range(len(before)):
        (w0, w1), (r0, r1) = (w[0][i], w[1][i]), (r[0][i], r[1][i])
        if r0 is None and r1 is None:
            effects += [0, 0]
            continue
        r0, r1 = (r1 if r0 is None else r0), (r0 if r1 is None else r1)

        def worth(share, rate):
            return share * (rate - middle)

        # Each factor is exchanged first once, and last once.
        rate = (worth(w0, r1) - worth(w0, r0) + worth(w1, r1) - worth(w1, r0)) / 2
        mix = (worth(w1, r0) - worth(w0, r0) + worth(w1, r1) - worth(w0, r1)) / 2
        effects += [rate, mix]
    change = whole[1] - whole[0]
    assert sum(effects) == change
    return [*map(float, [*whole, change, sum(effects[::2]), sum(effects[1::2])]), *map(float, effects)]


for _ in range(120):
    k = int(chance.integers(1, 15))
    sides = []
    for _ in range(2):
        bottom = chance.integers(1, 500, k)
        top = chance.binomial(bottom, chance.uniform(0, 0.5, k))
        gone = chance.uniform(size=k) < 0.15
        gone[0] = False
        sides.append([(0, 0) if g else (int(t), int(b)) for t, b, g in zip(top, bottom, gone)])
    ask("decomposition", f"decompose {pairs(sides[0])} {pairs(sides[1])}", taken_apart(*sides))

def by_logarithms(before, after):
    old, new = math.prod(before), math.prod(after)
    mean = (new - old) / math.log(new / old) if new != old else new
    return [mean * math.log(b / a) for a, b in zip(before, after)]


def by_all_orders(before, after):
    """The mean, over all orders of exchanging factors, of what each exchange does; in exact fractions."""
    effects, orders = [Fraction(0)] * len(before), list(itertools.permutations(range(len(before))))
    for order in orders:
        now = [Fraction(x) for x in before]
        for k in order:
            old = math.prod(now)
            now[k] = Fraction(after[k])
            effects[k] += math.prod(now) - old
    return [float(effect / len(orders)) for effect in effects]


for i in range(80):
    k = int(chance.integers(1, 6))
    before, after = (np.round(chance.uniform(0.5, 50, k), 3).tolist() for _ in range(2))
    if i % 2:
        before[int(chance.integers(0, k))] = 0.0
    effects = by_all_orders(before, after) if i % 2 else by_logarithms(before, after)
    change = math.prod(after) - math.prod(before)
    ask("products", f"product {numbers(before)} {numbers(after)}", [i % 2, change, *effects])

for _ in range(60):
    outer, inner = int(chance.integers(1, 5)), int(chance.integers(1, 6))
    bottoms = chance.integers(1, 300, (2, outer, inner))
    tops = chance.binomial(bottoms, chance.uniform(0, 0.5, (2, outer, inner)))
    wanted = np.zeros((inner, 2))
    for g in range(outer):
        before, after = ([(int(t), int(b)) for t, b in zip(tops[s][g], bottoms[s][g])] for s in range(2))
        weight = sum(bottoms[s][g].sum() / bottoms[s].sum() for s in range(2)) / 2
        wanted += weight * np.array(taken_apart(before, after)[5:]).reshape(inner, 2)
    groups_of = [zip(tops[s].tolist(), bottoms[s].tolist()) for s in range(2)]
    text = [";".join(pairs(zip(t, b)) for t, b in groups_of[s]) for s in range(2)]
    ask("decomposition within", f"decomposewithin {text[0]} {text[1]}", wanted.ravel().tolist())


# Queues: Poisson's distribution, birth and death, and the exponential of a matrix.
def lost(load, lines):
    return math.exp(stats.poisson.logpmf(lines, load) - stats.poisson.logcdf(lines, load))


def kept_waiting(load, agents):
    b = lost(load, agents)
    return b / (1 - load / agents * (1 - b))


def erlang_c(load, agents, handle, within):
    waits = kept_waiting(load, agents)
    return [waits, 1 - waits * math.exp(-(agents - load) * within / handle), waits * handle / (agents - load)]


def erlang_a(load, agents, handle, patience, within):
    theta, most = handle / patience, agents + int(20 * (load + 10) * max(1, patience / handle)) // 4 + 200
    logs = np.cumsum([0.0] + [math.log(load / (min(k, agents) + max(k - agents, 0) * theta)) for k in range(1, most)])
    p = np.exp(logs - special.logsumexp(logs))
    queue = np.arange(most) - agents
    leaves = float((queue.clip(0) * p).sum() * theta / load)
    # Somebody with k ahead: one of them is served or leaves, or they leave themselves.
    n = most - agents
    change = np.zeros((n + 1, n + 1))
    for ahead in range(n):
        change[ahead, ahead - 1 if ahead else n] = agents + ahead * theta
        change[ahead, ahead] = -(agents + ahead * theta) - theta
    served = linalg.expm(change * within / handle)[:n, n]
    answered = float(p[:agents].sum() + (p[agents:] * served).sum())
    return [float(p[agents:].sum()), leaves, leaves * patience, answered]


for i in range(80):
    load, lines = float(10 ** chance.uniform(-1, 4)), 0
    lines = max(1, int(load * chance.uniform(0.5, 1.5)))
    ask("Erlang B", f"erlangb {load!r} {lines}", [lost(load, lines)], 1e-8)
    agents = int(load + chance.integers(1, 40))
    handle, within = float(chance.uniform(20, 600)), float(chance.uniform(0, 60))
    if agents > load:
        wanted = erlang_c(load, agents, handle, within)
        ask("Erlang C", f"erlangc {load!r} {agents} {handle!r} {within!r}", wanted, 1e-8)
for i in range(25):
    load, handle, within = float(chance.uniform(0.5, 25)), float(chance.uniform(60, 400)), float(chance.uniform(0, 60))
    agents, patience = max(1, int(load * chance.uniform(0.6, 1.4))), float(handle * chance.uniform(0.2, 1.5))
    wanted = erlang_a(load, agents, handle, patience, within)
    ask("Erlang A", f"erlanga {load!r} {agents} {handle!r} {patience!r} {within!r}", wanted, 1e-7)
for i in range(40):
    spans = ((60, 400), (0.5, 0.95), (0, 60), (0.6, 1))
    handle, answered, within, cap = (float(chance.uniform(*span)) for span in spans)
    load = float(chance.uniform(0.5, 400))
    serves = [n for n in range(1, 900) if n > load and erlang_c(load, n, handle, within)[1] >= answered][0]
    fewest = next(n for n in range(serves, 900) if load / n <= cap)
    ask("agents needed", f"needed {load / handle!r} {handle!r} none {answered!r} {within!r} {cap!r}", [fewest, serves])


# Rankings: DerSimonian and Laird by statsmodels, and tests of angles.
def ranked(entrants, is_share):
    tops, bottoms = (np.array([sum(part[i] for part in parts) for parts in entrants]) for i in range(2))
    values, overall = tops / bottoms, tops.sum() / bottoms.sum()
    squares = size = 0.0
    for parts in entrants:
        if len(parts) > 1:
            t, b = np.array(parts).T
            squares += ((t - t.sum() / b.sum() * b) ** 2).sum() * len(parts) / (len(parts) - 1)
            size += b.sum()
    unit, coins = squares / size if size else 0.0, overall * (1 - overall)
    unit = max(unit, coins) if is_share else unit
    chance_of = unit / bottoms
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        between = max(combine_effects(values, chance_of, method_re="chi2").tau2, 0.0)
    mean = np.average(values, weights=1 / (between + chance_of))
    shrunk = (values * between + mean * chance_of) / (between + chance_of)
    variance = between * chance_of / (between + chance_of)
    times = max(unit / coins, 1.0) if is_share else None

    def p_value(t1, b1, t2, b2):
        low, high = sorted([(t1 / b1, b1), (t2 / b2, b2)])
        if is_share:
            p, q = low[0] + times / low[1] / 2, high[0] - times / high[1] / 2
            if p >= q:
                return 1.0
            far = 2 * np.arcsin(np.sqrt(min(q, 1))) - 2 * np.arcsin(np.sqrt(min(p, 1)))
            return 2 * stats.norm.sf(far / np.sqrt(times / b1 + times / b2))
        return 2 * stats.norm.sf((high[0] - low[0]) / np.sqrt(unit / b1 + unit / b2))

    k = len(entrants)
    own = [p_value(tops[i], bottoms[i], tops.sum() - tops[i], bottoms.sum() - bottoms[i]) for i in range(k)]
    told = multipletests(own, 0.05, method="fdr_bh")[0]
    couples = list(itertools.combinations(range(k), 2))
    of_couples = [p_value(tops[i], bottoms[i], tops[j], bottoms[j]) for i, j in couples]
    apart = multipletests(of_couples, 0.05, method="fdr_bh")[0]
    better, worse = np.zeros(k, dtype=int), np.zeros(k, dtype=int)
    for (i, j), differ in zip(couples, apart):
        if differ:
            low, high = (i, j) if values[i] < values[j] else (j, i)
            better[low] += 1
            worse[high] += 1
    answer = []
    for i in range(k):
        s, v = shrunk[i], variance[i]
        if is_share and v > 0:
            strength = s * (1 - s) / v - 1
            low, high = stats.beta.ppf([0.025, 0.975], s * strength, (1 - s) * strength)
        else:
            low, high = s + np.array([-1, 1]) * stats.norm.ppf(0.975) * np.sqrt(v)
        answer += [s, low, high, (np.sign(values[i] - overall) if told[i] else 0), better[i] + 1, k - worse[i]]
    return answer


for i in range(60):
    entrants = []
    for _ in range(int(chance.integers(2, 20))):
        days = int(chance.integers(2, 12))
        bottom = chance.integers(5, 60, days)
        top = chance.binomial(bottom, chance.beta(20, 60)) if i % 2 else bottom * chance.gamma(30, 6, days)
        entrants.append([(float(t), float(b)) for t, b in zip(top, bottom)])
    kind = "share" if i % 2 else "amount"
    ask("rankings", f"rank {kind} {';'.join(pairs(parts) for parts in entrants)}", ranked(entrants, i % 2), 1e-8)


# Ripening: the chain ladder on a triangle.
for _ in range(60):
    window = int(chance.integers(1, 10))
    sizes, triangle = [], []
    for age in range(1, window + 6):
        sizes.append(int(chance.integers(200, 400)))
        triangle.append(chance.poisson(6, min(age, window)).tolist())
    totals = [np.cumsum(row) for row in triangle]
    both = [[t for t in totals if len(t) > a + 1] for a in range(window - 1)]
    factors = [sum(t[a + 1] for t in seen) / sum(t[a] for t in seen) for a, seen in enumerate(both)]
    come = [1 / math.prod(factors[a:]) for a in range(window)]
    n, outcomes = sum(sizes), sum(t[-1] for t in totals)
    ripened = sum(size * come[len(t) - 1] for size, t in zip(sizes, totals))
    p, tries = outcomes / ripened, n * ripened / (n - ripened) if n > ripened else None
    low, high = (p, p)
    if tries:
        z = stats.norm.ppf(0.975)
        half = z * np.sqrt(p * (1 - p) / tries + (z / 2 / tries) ** 2)
        low, high = (p + z * z / 2 / tries + np.array([-1, 1]) * half) / (1 + z * z / tries)
        low = max(low, outcomes / n)
    text = ";".join(",".join(map(str, row)) for row in triangle)
    ask("ripening", f"ripening {window} {numbers(sizes)} {text}", [*come, p, low, high])

# Many comparisons.
for _ in range(60):
    p = chance.uniform(size=int(chance.integers(1, 100))) ** 3
    wanted = stats.false_discovery_control(p, method="bh")
    assert np.allclose(wanted, multipletests(p, method="fdr_bh")[1], rtol=1e-12)
    ask("Benjamini-Hochberg", f"adjusted {numbers(p)}", list(wanted))


def agrees(answer, wanted, tolerance):
    if wanted is None or answer is None:
        return wanted is None and answer is None
    if isinstance(tolerance, tuple):
        return abs(answer - wanted) <= tolerance[1]
    # Ends that are exactly zero elsewhere may be so but for rounding here.
    return abs(answer - wanted) <= tolerance * max(abs(answer), abs(wanted)) + 1e-13


asked = [question for group in groups.values() for question, _, _ in group]
done = subprocess.run([str(check.program)], input="\n".join(asked) + "\n", capture_output=True, text=True)
lines = iter(done.stdout.splitlines())
for name, group in groups.items():
    wrong = []
    for question, wanted, tolerance in group:
        line = next(lines, "no answer")
        try:
            answer = [None if word == "none" else float(word) for word in line.split(" ")]
        except ValueError:
            answer = []
        wanted = [None if w is None else float(w) for w in wanted]
        right = len(answer) == len(wanted) and all(agrees(a, w, tolerance) for a, w in zip(answer, wanted))
        if not right:
            wrong.append(f"{question[:200]}\n    answered {line}\n    wanted {wanted}")
    check.holds(f"{name} ({len(group)} cases)", not wrong, "\n  ".join([f"{len(wrong)} wrong", *wrong[:3]]))
check.holds(f"{len(asked)} answers and no more", done.returncode == 0 and next(lines, None) is None, done.stderr)
check.close()
