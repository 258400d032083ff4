#!/usr/bin/env python3
"""Reference values for LoadGen's statistics, from SciPy and NumPy.

    python3 Tests/LoadGenTests/Statistics/reference.py > Tests/LoadGenTests/Statistics/reference.json

SciPy's own functions where it has one; else the definition, written out by brute force over all labelings or all
resamples, so that nothing here shares an idea with the Swift code. `ReferenceTests` compares; with --versions this
prints the versions alone. Debian: python3-scipy.
"""

import itertools
import json
import sys

import numpy as np
import scipy
from scipy import special, stats

PAIRS = {
    "five": ([10.2, 11.1, 9.8, 10.7, 10.4], [12.9, 11.8, 12.2, 13.1, 12.5]),
    "overlapping": ([10.2, 11.1, 9.8, 10.7, 10.4], [10.6, 11.8, 9.9, 10.1, 12.5]),
    "four": ([0.81, 0.92, 0.77, 0.85], [0.95, 1.02, 0.88, 0.91]),
    "unequal": ([3.1, 2.7, 3.9, 3.3, 2.95, 3.6], [3.0, 4.2, 4.4, 3.8]),
    "ties": ([5, 5, 6, 7, 7, 8], [6, 7, 7, 9, 9, 9]),
    "zeros": ([0, 0, 0.1, 0.2, 0], [0.3, 0, 0.4, 0.5, 0.2]),
    "equal": ([2, 2, 2, 2], [2, 2, 2, 2]),
    "large": ([100 + 7 * ((13 * i) % 37) / 37 + 0.001 * i for i in range(30)],
              [103 + 7 * ((11 * i) % 31) / 31 + 0.0013 * i for i in range(28)]),
}

# Four metrics of the same five blocks a side; the last one has no difference.
FAMILY_A = [[10.2, 11.1, 9.8, 10.7, 10.4], [31, 35, 30, 33, 32], [1.1, 1.3, 1.0, 1.2, 1.25], [7, 8, 9, 7.5, 8.5]]
FAMILY_B = [[12.9, 11.8, 12.2, 13.1, 12.5], [36, 41, 34, 39, 37.5], [1.2, 1.15, 1.4, 1.35, 1.5], [8.1, 9.2, 7.2, 8.4, 7.6]]


def on_scale(a, b):
    values = np.concatenate([a, b]).astype(float)
    return np.log(values) if np.all(values > 0) else values


def labelings(m, n):
    return itertools.combinations(range(m + n), m)


def correlation(values, members):
    label = np.zeros(len(values))
    label[list(members)] = 1
    if np.all(values == values[0]):
        return 0.0
    return abs(np.corrcoef(values, label)[0, 1])


def permutation(a, b):
    values = on_scale(a, b)
    m = len(a)
    result = stats.permutation_test(
        (values[:m], values[m:]), lambda x, y: abs(np.mean(x) - np.mean(y)), permutation_type="independent",
        alternative="greater", n_resamples=np.inf, vectorized=False)
    return float(result.pvalue)


def step_down(a, b):
    """Westfall and Young's free step-down max over all labelings."""
    columns = [on_scale(x, y) for x, y in zip(a, b)]
    table = np.array([[correlation(c, members) for c in columns] for members in labelings(len(a[0]), len(b[0]))])
    observed = table[0]
    order = np.argsort(-observed)
    adjusted = np.zeros(len(columns))
    least = 0.0
    for place in range(len(order)):
        largest = table[:, order[place:]].max(axis=1)
        least = max(least, float(np.mean(largest >= observed[order[place]] * (1 - 1e-10))))
        adjusted[order[place]] = least
    return adjusted.tolist()


def holm(p):
    order = np.argsort(p)
    adjusted = np.zeros(len(p))
    least = 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = least
    return adjusted.tolist()


def bootstrap(a, b):
    """All resamples of both sides; only for the few values of small pairs."""

    def medians(x):
        return np.median(np.array(list(itertools.product(x, repeat=len(x)))), axis=1)

    left, left_counts = np.unique(np.round(medians(a), 12), return_counts=True)
    right, right_counts = np.unique(np.round(medians(b), 12), return_counts=True)
    weights = np.outer(left_counts, right_counts).ravel() / (left_counts.sum() * right_counts.sum())

    def ends(values):
        order = np.argsort(values)
        cumulative = np.cumsum(weights[order])
        return [float(values[order][np.searchsorted(cumulative, q - 1e-12)]) for q in (0.025, 0.975)]

    out = {"difference": ends((right[None, :] - left[:, None]).ravel())}
    if left[0] > 0:
        out["relative"] = ends((right[None, :] / left[:, None] - 1).ravel())
    return out


def pair(name, a, b):
    tied = len(set(a) | set(b)) < len(a) + len(b)
    method = "asymptotic" if tied or max(len(a), len(b)) > 25 else "exact"
    rank_test = stats.mannwhitneyu(b, a, alternative="two-sided", method=method)
    out = {
        "a": list(map(float, a)), "b": list(map(float, b)),
        "median_a": float(np.median(a)), "median_b": float(np.median(b)),
        "quantiles_a": np.quantile(a, [0, 0.1, 0.25, 0.6, 0.99, 1]).tolist(),
        "deviation_a": float(np.std(a, ddof=1)),
        "hodges_lehmann": float(np.median(np.subtract.outer(b, a))),
        "u": float(rank_test.statistic), "p_mann_whitney": float(rank_test.pvalue),
    }
    if name != "large":
        out["p_permutation"] = 1.0 if name == "equal" else permutation(a, b)
        if max(len(a), len(b)) <= 5:
            out["bootstrap"] = bootstrap(a, b)
    return out


def detectable(t, degrees, power=0.8):
    """The noncentrality at which a noncentral t exceeds t with this power, by bisection on SciPy's own."""
    low, high = 0.0, 100.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if special.nctdtr(degrees, middle, t) > 1 - power else (low, middle)
    return (low + high) / 2


def touched(clients, instances, members):
    """Instances that a room touches when each has the same number of clients and the room's are drawn from all."""
    return instances * (1 - float(stats.hypergeom.pmf(0, clients, clients // instances, members)))


def main():
    versions = {"scipy": scipy.__version__, "numpy": np.__version__}
    if "--versions" in sys.argv:
        print(json.dumps(versions))
        return
    family_p = [permutation(x, y) for x, y in zip(FAMILY_A, FAMILY_B)]
    probabilities = [1e-12, 0.001, 0.025, 0.2, 0.5, 0.8, 0.975, 0.999]
    document = {
        "made_by": "Tests/LoadGenTests/Statistics/reference.py",
        "versions": versions,
        "pairs": {name: pair(name, *values) for name, values in PAIRS.items()},
        "family": {"a": FAMILY_A, "b": FAMILY_B, "p": family_p, "step_down": step_down(FAMILY_A, FAMILY_B),
                   "holm": holm(family_p)},
        "normal": [{"probability": q, "z": float(special.ndtri(q))} for q in probabilities],
        "noncentrality": [{"t": t, "degrees": d, "value": detectable(t, d)}
                          for t in (2.3, 3.0, 4.5) for d in (6, 8, 14)],
        "touched": [{"clients": c, "instances": n, "members": m, "value": touched(c, n, m)}
                    for c, n, m in ((1000, 2, 20), (1000, 4, 5), (600, 3, 2), (60, 4, 10))],
    }
    json.dump(document, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
