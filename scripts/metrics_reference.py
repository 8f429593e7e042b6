"""Golden values of crates/metrics from other implementations.

Needs: Python 3.11+, numpy, scipy, scikit-image, torch and pytorch-msssim; no files and no GPU.
Writes: crates/metrics/tests/reference.json, next to this script's folder. Run from anywhere:
    python scripts/metrics_reference.py
Images and features come from formulas in whole numbers, which tests/reference.rs repeats.
"""

import importlib
import json
import pathlib

import numpy
import scipy
import skimage
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

msssim = importlib.import_module("pytorch_msssim.ssim")

WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]


# Inputs: keep in step with tests/reference.rs.

def base(size):
    y, x, c = numpy.meshgrid(*[numpy.arange(n) for n in (size, size, 3)], indexing="ij")
    return ((x * (c + 3) + y * (7 - c) + x * y // 8) % 256).astype(numpy.int64), x, y, c


def variant(kind, size):
    image, x, y, c = base(size)
    noise = (x * 131 + y * 71 + c * 17) % 23 - 11
    box = (x >= size // 4) & (x < size // 2) & (y >= size // 3) & (y < 2 * size // 3)
    if kind == "noise":
        out = image + noise
    elif kind == "edit":
        out = image + 40 * box
    elif kind == "inverted":  # contrast-structure below zero: clamped
        out = 255 - image
    elif kind == "one-channel-inverted":
        out = numpy.where(c == 0, 255 - image, image + noise)
    return numpy.clip(out, 0, 255).astype(numpy.uint8)


def features(n, d, seed, shift):
    state, values = seed, []
    for _ in range(n * d):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append((state >> 16) / 65536)
    rows = numpy.array(values).reshape(n, d)
    # Correlated columns and, with a shift, another scale; exact in 32-bit floats.
    return (rows + 0.5 * rows[:, :1]) * (1 + shift / 2) + shift


# Metrics.

def ms_ssim(a, b):
    a, b = [torch.from_numpy(v.astype(numpy.float64)).permute(2, 0, 1)[None] for v in (a, b)]
    # The package makes its window in 32 bits; in 64 the values agree to rounding.
    line = torch.exp(-((torch.arange(11, dtype=torch.float64) - 5) ** 2) / (2 * 1.5**2))
    window = (line / line.sum()).repeat([3, 1, 1, 1])
    scales = sum(a.shape[-1] >> s >= 11 for s in range(5))
    if scales == 5:
        return float(msssim.ms_ssim(a, b, data_range=255, win=window))
    # The package refuses small images; this is its loop with fewer scales.
    weights = numpy.array(WEIGHTS[:scales]) / sum(WEIGHTS[:scales])
    product = torch.ones(3, dtype=torch.float64)
    for scale, weight in enumerate(weights):
        ssim, cs = msssim._ssim(a, b, data_range=255, win=window, size_average=False)
        factor = ssim if scale == scales - 1 else cs
        product = product * torch.relu(factor)[0] ** weight
        a, b = [torch.nn.functional.avg_pool2d(v, 2) for v in (a, b)]
    return float(product.mean())


def frechet_sqrtm(a, b):
    c1, c2 = numpy.cov(a, rowvar=False), numpy.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(c1 @ c2)
    apart = a.mean(axis=0) - b.mean(axis=0)
    return float(apart @ apart + numpy.trace(c1 + c2 - 2 * numpy.real(root)))


def frechet_singular_values(a, b):
    """Exact for singular covariances, where sqrtm loses half of its digits."""
    centred = [(v - v.mean(axis=0)) / numpy.sqrt(len(v) - 1) for v in (a, b)]
    root_trace = numpy.linalg.svd(centred[0] @ centred[1].T, compute_uv=False).sum()
    apart = a.mean(axis=0) - b.mean(axis=0)
    return float(apart @ apart + sum((v**2).sum() for v in centred) - 2 * root_trace)


def kernel_distance(a, b):
    def k(x, y):
        return (x @ y.T / x.shape[1] + 1) ** 3

    def within(x):
        n = len(x)
        return k(x, x)[~numpy.eye(n, dtype=bool)].sum() / (n * (n - 1))

    return float(within(a) + within(b) - 2 * k(a, b).mean())


def residual_metrics(size):
    """Of five times the change "edit" plus "noise", over 512: exact in 32-bit floats."""
    image = base(size)[0]
    change = [variant(kind, size).astype(numpy.int64) - image for kind in ("edit", "noise")]
    r = (change[0] * 5 + change[1]).transpose(2, 0, 1).astype(numpy.float64) / 512
    n = r.size
    hoyer = (numpy.sqrt(n) - numpy.abs(r).sum() / numpy.linalg.norm(r)) / (numpy.sqrt(n) - 1)
    inside = (r[:, : size // 2] ** 2).sum() / (r**2).sum()
    norms = (float(numpy.abs(r).mean()), float(numpy.sqrt((r**2).mean())))
    return {"size": size, "mean_l1": norms[0], "rms_l2": norms[1], "hoyer": float(hoyer),
            "energy_in_upper_half": float(inside)}


def main():
    images = []
    for size in (16, 32, 64, 128, 256):
        a = base(size)[0].astype(numpy.uint8)
        for kind in ("noise", "edit", "inverted", "one-channel-inverted"):
            b = variant(kind, size)
            ssim = structural_similarity(
                a, b, data_range=255, channel_axis=-1, gaussian_weights=True, sigma=1.5,
                use_sample_covariance=False)
            psnr = float(peak_signal_noise_ratio(a, b, data_range=255))
            images.append({"size": size, "kind": kind, "psnr": psnr, "ssim": float(ssim),
                           "ms_ssim": ms_ssim(a, b)})
    sets = []
    for n_a, n_b, d in ((40, 40, 6), (60, 25, 8), (300, 200, 32), (5, 9, 12)):
        a, b = features(n_a, d, 1, 0.0), features(n_b, d, 2, 0.25)
        sets.append({"n_a": n_a, "n_b": n_b, "d": d, "frechet_sqrtm": frechet_sqrtm(a, b),
                     "frechet": frechet_singular_values(a, b), "kernel": kernel_distance(a, b)})
    versions = {m.__name__: m.__version__ for m in (numpy, scipy, skimage, torch)}
    reference = {"versions": versions, "images": images, "sets": sets,
                 "residuals": [residual_metrics(size) for size in (16, 64)]}
    target = pathlib.Path(__file__).parents[1] / "crates/metrics/tests/reference.json"
    target.write_text(json.dumps(reference, indent=1) + "\n")


if __name__ == "__main__":
    main()
