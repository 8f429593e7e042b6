"""Golden values of crates/stats from other implementations.

Needs: Python 3.11+, numpy, scipy and statsmodels; no files and no GPU. Takes about a minute.
Writes: crates/stats/tests/reference.json, next to this script's folder. Run from anywhere:
    python scripts/stats_reference.py
Inputs are drawn from a seeded generator and written beside the expected outputs.
"""

import json
import pathlib

import numpy
import scipy
import statsmodels
from scipy import integrate, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_confint

RANDOM = numpy.random.default_rng(20170721)
RESAMPLES = 1_000_000
POWER = TTestPower()


def normal(n, shift=0.3):
    return RANDOM.normal(shift, 1.0, n)


def tied(n, lo=-3, hi=5):
    return RANDOM.integers(lo, hi, n).astype(float)


def t_tests():
    samples = [normal(n, shift) for n in (2, 3, 5, 8, 10, 30, 300) for shift in (0.0, 0.8)]
    samples += [normal(20, 40.0), normal(2000, 0.05), tied(12), 1e-6 * normal(5), 1e6 * normal(5)]
    for d in samples:
        result = stats.ttest_1samp(d, 0.0)
        interval = result.confidence_interval(0.95)
        yield {"differences": d, "t": result.statistic, "df": result.df, "p": result.pvalue,
               "lo": interval.low, "hi": interval.high}


def sign_flips():
    samples = [normal(n, shift) for n in (1, 2, 3, 5, 8, 12) for shift in (0.0, 0.8)]
    samples += [tied(5), tied(9), tied(12), numpy.array([0.3, 0.2, 0.1])]
    for d in samples:
        if len(d) < 2:  # scipy asks for two; one sign cannot matter
            yield {"differences": d, "p": 1.0}
            continue
        # On whole numbers the sums of ties are exactly equal; scipy allows for rounding elsewhere.
        result = stats.permutation_test((d,), lambda x, axis: numpy.mean(x, axis=axis),
                                        permutation_type="samples", n_resamples=numpy.inf,
                                        vectorized=True)
        yield {"differences": d, "p": result.pvalue}


def wilcoxons():
    def case(d, exact, result, source):
        return {"differences": d, "exact": exact, "n_used": int(numpy.count_nonzero(d)),
                "statistic": result.statistic, "p": result.pvalue, "source": source}

    for n in (1, 2, 3, 5, 8, 12, 20, 35, 50):
        for shift in (0.0, 0.8):
            d = normal(n, shift)
            yield case(d, True, stats.wilcoxon(d, method="exact"), "exact")
            # Zeros: scipy's answer without them.
            yield case(numpy.append(d, [0.0, 0.0]), True, stats.wilcoxon(d, method="exact"),
                       "exact without zeros")
    for n in (3, 6, 10, 13):  # ties and zeros: every sign vector
        for _ in range(3):
            d = tied(n)
            used = d[d != 0.0]
            if len(used) < 2:
                continue
            everything = stats.PermutationMethod(n_resamples=numpy.inf)
            yield case(d, True, stats.wilcoxon(used, method=everything), "permutation")
    for d in (normal(51, 0.0), normal(80), normal(400, 0.05), tied(90), tied(90, -8, 9),
              numpy.append(normal(60), numpy.zeros(7)), tied(1000, -2, 3), normal(200, 1.5)):
        result = stats.wilcoxon(d, zero_method="wilcox", correction=False, method="asymptotic")
        yield case(d, False, result, "asymptotic")


def mcnemars():
    tables = [(0, 0), (0, 1), (1, 4), (3, 3), (0, 6), (2, 17), (40, 61), (300, 250), (0, 400),
              (1200, 1350), (4900, 5100), (5000, 5000), (3000, 7000), (9999, 1),
              (4900, 5101), (6000, 6200), (100_000, 101_000), (9000, 12_000), (20_000, 20_001)]
    for b, c in tables:
        exact = b + c <= 10_000
        result = mcnemar([[7, b], [c, 9]], exact=exact, correction=True)
        yield {"only_baseline": b, "only_level": c, "exact": exact, "p": result.pvalue}


def holms():
    families = [[0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.9], [0.2], [0.0, 1.0, 0.04, 0.04],
                list(RANDOM.uniform(0, 1, 12)), list(RANDOM.uniform(0, 0.05, 25))]
    for p in families:
        yield {"p": p, "corrected": multipletests(p, method="holm")[1]}


def bootstrap(seeds):
    """Percentile interval over means of drawn images of drawn seeds, each by whole indices."""
    means = []
    for _ in range(RESAMPLES // 20_000):
        drawn = RANDOM.integers(0, len(seeds), (20_000, len(seeds)))
        of_seed = numpy.empty(drawn.shape)
        for index, images in enumerate(seeds):
            here = drawn == index
            picks = RANDOM.integers(0, len(images), (here.sum(), len(images)))
            of_seed[here] = images[picks].mean(axis=1)
        means.append(of_seed.mean(axis=1))
    return numpy.percentile(numpy.concatenate(means), [2.5, 97.5])


def bootstraps():
    cases = [[normal(40, 0.5)],
             [normal(20, s) for s in RANDOM.normal(0.2, 0.5, 5)],
             [normal(n, s) for n, s in zip((5, 17, 30, 9), (0.0, 0.3, 0.6, 0.9))],
             [RANDOM.binomial(1, 0.8, 60).astype(float) for _ in range(10)],
             [RANDOM.exponential(1.0, 30) for _ in range(8)]]
    for seeds in cases:
        lo, hi = bootstrap(seeds)
        yield {"seeds": seeds, "lo": lo, "hi": hi}


def crossed_bootstrap(seeds):
    """As bootstrap(), but every drawn seed shows the same drawn images."""
    seeds, means = numpy.array(seeds), []
    count, n = seeds.shape
    for _ in range(RESAMPLES // 20_000):
        of_seeds = seeds[RANDOM.integers(0, count, (20_000, count))].mean(axis=1)
        means.append(numpy.take_along_axis(of_seeds, RANDOM.integers(0, n, (20_000, n)), 1).mean(axis=1))
    return numpy.percentile(numpy.concatenate(means), [2.5, 97.5])


def crossed_bootstraps():
    images = normal(30)
    cases = [[normal(40, 0.5)],
             [images + normal(30, s) for s in RANDOM.normal(0.2, 0.5, 5)],
             [images + 0.1 * normal(30) for _ in range(3)],
             [RANDOM.exponential(1.0, 25) for _ in range(8)]]
    for seeds in cases:
        lo, hi = crossed_bootstrap(seeds)
        yield {"seeds": seeds, "lo": lo, "hi": hi}


def cliffs():
    for level, baseline in [(normal(5), normal(5)), (normal(30, 1.0), normal(17)),
                            (tied(40), tied(25)), (tied(1), tied(9)), (normal(3, 50), tied(3))]:
        signs = numpy.sign(level[:, None] - baseline[None, :])
        yield {"level": level, "baseline": baseline, "delta": signs.mean()}


def integrated_power(effect, n, alpha):
    """Noncentral t as a mean of normal tails over the chi density, by adaptive quadrature."""
    df, shift = n - 1, abs(effect) * n**0.5
    critical = stats.t.isf(alpha / 2, df)

    def integrand(x):
        bound = critical * x / df**0.5
        tails = stats.norm.sf(bound - shift) + stats.norm.cdf(-bound - shift)
        return stats.chi.pdf(x, df) * tails

    turn = shift / critical * df**0.5
    ends = [0.0, *(turn + w * df**0.5 / critical for w in (-8, -2, 0, 2, 8)),
            *(df**0.5 + w for w in (-9, -4, 0, 4, 9))]
    ends = sorted({x for x in ends if 0.0 <= x <= df**0.5 + 9})
    return sum(integrate.quad(integrand, lo, hi, epsabs=0, epsrel=1e-12, limit=200)[0]
               for lo, hi in zip(ends, ends[1:]))


def power_of(effect, n, alpha):
    """statsmodels, or the integral where its noncentral t has no answer (its far tail is NaN)."""
    power = POWER.power(effect, n, alpha, alternative="two-sided")
    if numpy.isnan(power):
        return integrated_power(effect, n, alpha), "quadrature"
    return power, "statsmodels"


def powers():
    for alpha in (0.05, 0.01, 0.001):
        for n in (2, 3, 5, 10, 34, 100, 1000, 10_000):
            for effect in (0.01, 0.1, 0.3, 0.5, -0.8, 1.2, 2.5, 6.0):
                power, source = power_of(effect, n, alpha)
                integral = integrated_power(effect, n, alpha)
                assert abs(integral - power) < 1e-9 * power, (effect, n, alpha, power, integral)
                yield {"effect": effect, "n": n, "alpha": alpha, "power": power, "source": source}


def needed(effect):
    """Smallest n by counting up, from below the sample size of the z test."""
    start = max(2, int((2.8 / effect) ** 2 * 0.9) - 5)
    assert start == 2 or power_of(effect, start, 0.05)[0] < 0.8
    for n in range(start, 10_001):
        if power_of(effect, n, 0.05)[0] >= 0.8:
            return n
    return None


def seeds_needed():
    samples = [normal(n, shift) for n in (2, 3, 5, 10) for shift in (0.1, 0.5, 1.0, 3.0)]
    samples += [normal(50, 0.05), normal(5, 100.0)]
    for mean in (0.0278, 0.0282, 0.02):  # around the cap of 10 000
        samples.append(mean + numpy.array([-1.0, 1.0]) / numpy.sqrt(2.0))
    for d in samples:
        yield {"differences": d, "n": needed(abs(d.mean()) / d.std(ddof=1))}


def proportions():
    for k, n in [(0, 1), (1, 1), (0, 10), (10, 10), (5, 10), (1, 60), (59, 60), (1100, 1200),
                 (3, 100_000), (333_333, 1_000_000)]:
        lo, hi = proportion_confint(k, n, alpha=0.05, method="wilson")
        yield {"successes": k, "n": n, "lo": lo, "hi": hi}


def plain(value):
    if isinstance(value, numpy.generic):
        return value.item()
    return value.tolist()


def main():
    reference = {
        "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__,
                     "statsmodels": statsmodels.__version__},
        "bootstrap_resamples": RESAMPLES,
    }
    for part in (t_tests, sign_flips, wilcoxons, mcnemars, holms, bootstraps, cliffs, powers,
                 seeds_needed, proportions, crossed_bootstraps):
        reference[part.__name__] = list(part())
    path = pathlib.Path(__file__).parents[1] / "crates/stats/tests/reference.json"
    # One case a line, so that a change shows as the lines of its cases.
    parts = []
    for key, value in reference.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(case, default=plain, allow_nan=False) for case in value)
            parts.append(f'"{key}": [\n{lines}\n]')
        else:
            parts.append(f'"{key}": {json.dumps(value)}')
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main()
