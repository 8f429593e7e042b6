"""Our ensemble of regression trees (crates/ert) against dlib's shape_predictor.

Needs: Python 3.11+, numpy, pillow, dlib 20; cargo, to build crates/ert's example; no GPU, no network.
Writes: PNG images, imglab lists and models under --work (a temporary folder by default); with --fixture
only crates/ert/tests/dlib/ (a dlib model trained on drawings, and dlib's detections). Run from anywhere:
    python scripts/dlib_parity.py --quick                     synthetic drawings, under a minute
    python scripts/dlib_parity.py --mtfl DIR                  train on web images, test on LFW images
    python scripts/dlib_parity.py --celeba DIR                train on partition 0, test on partition 2
    python scripts/dlib_parity.py --fixture
Both train on the same files with the same options, and are tested on the same images. The box of a face is
a square of side 3 d (times 0.9 to 1.1) around the centre of its points, moved by up to 0.15 d in x and y, where
d is the distance of the eyes, seeded per image and the same for both; faces with d below 12 pixels (near
profiles) are left out. NME = mean distance of the points / d, in %. dlib returns whole pixels, so the verdict
compares both after rounding; before rounding, dlib's model is read by our reader. Exits 1 if our NME, mean over
seeds, is above 1.05 times dlib's, or if the two disagree about a model file.
"""

import argparse
import csv
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

import dlib
import numpy
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
MIN_EYES = 12.0
DEFAULTS = {  # dlib's name -> (our flag, value)
    "cascade_depth": ("cascade-depth", 10),
    "num_trees_per_cascade_level": ("trees-per-cascade", 500),
    "tree_depth": ("tree-depth", 4),
    "nu": ("nu", 0.1),
    "oversampling_amount": ("oversampling", 20),
    "feature_pool_size": ("feature-pool", 400),
    "num_test_splits": ("test-splits", 20),
    "lambda_param": ("lambda", 0.1),
    "feature_pool_region_padding": ("padding", 0.0),
}


# Data: lists of (grey image as an array, points [5, 2]).

def drawings(count, seed):
    """Five soft spots of different size on a shaded, noisy ground; pose, scale and spots vary."""
    rng, size = numpy.random.default_rng(seed), 96
    y, x = numpy.mgrid[0:size, 0:size]
    base = numpy.array([[-16, -12], [16, -12], [0, 3], [-11, 17], [11, 17]], float)
    radii, tones = [5, 5, 4, 6, 6], [-90, -70, 60, -50, -60]
    for _ in range(count):
        angle, scale = rng.normal(0, 0.2), rng.uniform(0.8, 1.2)
        turn = scale * numpy.array([[numpy.cos(angle), -numpy.sin(angle)], [numpy.sin(angle), numpy.cos(angle)]])
        points = (base + rng.normal(0, 1.5, base.shape)) @ turn.T + 48 + rng.uniform(-8, 8, 2)
        slope = rng.normal(0, 0.4, 2)
        image = 140 + rng.uniform(-25, 25) + slope[0] * (x - 48) + slope[1] * (y - 48) + rng.normal(0, 8, x.shape)
        for (px, py), radius, tone in zip(points, radii, tones):
            image += tone * rng.uniform(0.6, 1.2) * numpy.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * (radius * scale / 2) ** 2))
        yield numpy.clip(image, 0, 255).astype(numpy.uint8), points


def mtfl(folder, part, count):
    rows = []
    for line in (folder / "training.txt").read_text().splitlines():
        fields = line.split()
        if len(fields) > 11 and fields[0].startswith(part):
            values = [float(v) for v in fields[1:11]]
            rows.append((folder / fields[0].replace("\\", "/"), numpy.array([values[:5], values[5:]]).T))
    random.Random(1).shuffle(rows)
    return photos(rows, count)


def celeba(folder, part, count):
    points = {}
    for line in (folder / "list_landmarks_align_celeba.txt").read_text().splitlines():
        fields = line.split()
        if len(fields) == 11:
            points[fields[0]] = numpy.array([float(v) for v in fields[1:]]).reshape(5, 2)
    rows = []
    for line in (folder / "list_eval_partition.txt").read_text().splitlines():
        fields = line.split()
        if len(fields) == 2 and fields[1] == part and fields[0] in points:
            rows.append((folder / "img_align_celeba" / fields[0], points[fields[0]]))
    random.Random(1).shuffle(rows)
    return photos(rows, count)


def photos(rows, count):
    for path, points in rows:
        if count == 0:
            return
        if path.is_file() and eyes(points) >= MIN_EYES:
            count -= 1
            yield numpy.asarray(Image.open(path).convert("L")), points


def eyes(points):
    return float(numpy.hypot(*(points[0] - points[1])))


def write_list(faces, folder, name, seed):
    """PNGs cropped to the box and half its side around, and their imglab list; returns the truth."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    truth, lines = [], ["<?xml version='1.0'?>", "<dataset>", "<images>"]
    for index, (image, points) in enumerate(faces):
        rng = random.Random(f"{seed} {index}")
        d = eyes(points)
        side = max(3, round(3 * d * rng.uniform(0.9, 1.1)))
        left, top = [round(v + rng.uniform(-0.15, 0.15) * d - side / 2) for v in points.mean(0)]
        margin = side // 2
        x0, y0 = max(0, left - margin), max(0, top - margin)
        crop = image[y0:max(y0 + 1, top + side + margin), x0:max(x0 + 1, left + side + margin)]
        Image.fromarray(crop).save(folder / name / f"{index:05}.png")
        points = points - [x0, y0]
        truth.append(points)
        lines.append(f"<image file='{name}/{index:05}.png'>")
        lines.append(f"<box top='{top - y0}' left='{left - x0}' width='{side}' height='{side}'>")
        for part, (x, y) in enumerate(points):
            lines.append(f"<part name='{part}' x='{int(numpy.floor(x + 0.5))}' y='{int(numpy.floor(y + 0.5))}'/>")
        lines += ["</box>", "</image>"]
    (folder / f"{name}.xml").write_text("\n".join(lines + ["</images>", "</dataset>", ""]))
    return numpy.array(truth)


def load_list(folder, name):
    """Images, boxes and whole-pixel points of a list, as dlib's trainer reads them."""
    import xml.etree.ElementTree as tree

    images, objects = [], []
    for image in tree.parse(folder / f"{name}.xml").iter("image"):
        images.append(dlib.load_grayscale_image(str(folder / image.get("file"))))
        box = image.find("box")
        left, top, width, height = [int(box.get(key)) for key in ("left", "top", "width", "height")]
        rect = dlib.rectangle(left, top, left + width - 1, top + height - 1)
        parts = [dlib.point(int(part.get("x")), int(part.get("y"))) for part in box.iter("part")]
        objects.append(dlib.full_object_detection(rect, parts))
    return images, objects


# The two programs.

def example():
    """Path of the example, freshly built."""
    command = ["cargo", "build", "--release", "-p", "ert", "--example", "ert", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    artifacts = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    return next(a["executable"] for a in artifacts if a.get("executable") and a["target"]["name"] == "ert")


def ours(binary, *arguments):
    """Runs our example; returns its `key value` lines and the CPU seconds it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run([binary, *map(str, arguments)], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {key: float(value) for key, value in (line.split() for line in text.splitlines())}, after.ru_utime - before.ru_utime


def our_points(binary, model, folder):
    """Detections of a model, [images, points, 2], not rounded."""
    ours(binary, "test", "--model", model, "--data", folder / "test.xml", "--predictions", folder / "predictions.csv")
    with open(folder / "predictions.csv") as file:
        rows = [(float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]
    return numpy.array(rows).reshape(-1, 5, 2)


def dlib_points(predictor, images, objects):
    found = [predictor(image, object_.rect) for image, object_ in zip(images, objects)]
    return numpy.array([[(p.x, p.y) for p in f.parts()] for f in found], float)


def dlib_options(options, seed, threads):
    made = dlib.shape_predictor_training_options()
    for name, value in options.items():
        setattr(made, name, value)
    made.random_seed, made.num_threads, made.be_verbose = str(seed), threads, False
    return made


def nme(found, truth):
    d = numpy.hypot(*(truth[:, 0] - truth[:, 1]).T)
    return 100 * float((numpy.hypot(*(found - truth).transpose(2, 0, 1)).mean(1) / d).mean())


def rounded(points):
    return numpy.floor(points + 0.5)


def agreement(a, b):
    """Share of coordinates equal, and the largest difference, of two sets of whole pixels."""
    return float((a == b).mean()), float(numpy.abs(a - b).max())


def compare(binary, folder, truth, options, seeds, threads):
    train_images, train_objects = load_list(folder, "train")
    test_images, test_objects = load_list(folder, "test")
    table, good = [], True
    for seed in seeds:
        start, cpu = time.perf_counter(), time.process_time()
        predictor = dlib.train_shape_predictor(train_images, [[o] for o in train_objects],
                                               dlib_options(options, seed, threads))
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        predictor.save(str(folder / "dlib.dat"))
        theirs = dlib_points(predictor, test_images, test_objects)
        passes = []
        for _ in range(5):
            start = time.perf_counter()
            for image, object_ in zip(test_images, test_objects):
                predictor(image, object_.rect)
            passes.append((time.perf_counter() - start) / len(test_images) * 1e6)

        flags = [f"--{flag}={options[name]}" for name, (flag, _) in DEFAULTS.items()]
        trained, our_cpu = ours(binary, "train", "--data", folder / "train.xml", "-o", folder / "ours.dat",
                                f"--seed={seed}", *flags)
        mine = our_points(binary, folder / "ours.dat", folder)
        theirs_read = our_points(binary, folder / "dlib.dat", folder)
        ours_read = dlib_points(dlib.shape_predictor(str(folder / "ours.dat")), test_images, test_objects)
        timed, _ = ours(binary, "bench", "--model", folder / "ours.dat", "--data", folder / "test.xml")

        row = {
            "seed": seed,
            "nme dlib": nme(theirs, truth), "nme ours": nme(rounded(mine), truth),
            "unrounded dlib": nme(theirs_read, truth), "unrounded ours": nme(mine, truth),
            "train s dlib": seconds, "train s ours": trained["train_seconds"],
            "cpu s dlib": cpu, "cpu s ours": our_cpu,
            "detect us dlib": min(passes), "detect us ours": timed["detect_microseconds"],
        }
        row["ratio"] = row["nme ours"] / row["nme dlib"]
        table.append(row)
        print(", ".join(f"{key} {value:.4g}" for key, value in row.items()), flush=True)
        for what, (share, most) in [("dlib's model read by us", agreement(theirs, rounded(theirs_read))),
                                    ("our model read by dlib", agreement(ours_read, rounded(mine)))]:
            print(f"  {what}: {100 * share:.4f} % of coordinates equal, largest difference {most:.0f} px")
            good &= share > 0.99 and most <= 1
    mean = {key: float(numpy.mean([row[key] for row in table])) for key in table[0] if key != "seed"}
    ratio = mean["nme ours"] / mean["nme dlib"]
    print(f"mean of {len(table)} seeds: " + ", ".join(f"{key} {value:.4g}" for key, value in mean.items() if key != "ratio"))
    print(f"ratio ours / dlib: {ratio:.4f} (whole pixels), "
          f"{mean['unrounded ours'] / mean['unrounded dlib']:.4f} (before rounding); limit 1.05")
    return good and ratio <= 1.05


# The fixture: drawings from formulas in whole numbers, which tests/dlib.rs repeats.

def fixture_face(number):
    """RGB image 48 x 48 and five whole-pixel points."""
    state = 12345 + number * 7919

    def draw(n):
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return (state >> 16) % n

    dx, dy = draw(9) - 4, draw(9) - 4
    base = [(16, 17), (32, 17), (24, 25), (18, 33), (30, 33)]
    points = [(x + dx + draw(3) - 1, y + dy + draw(3) - 1) for x, y in base]
    image = numpy.zeros((48, 48, 3), numpy.uint8)
    for y in range(48):
        for x in range(48):
            image[y, x] = [120 + x + draw(16), 100 + y + draw(16), 110 + draw(16)]
            for tone, (px, py) in zip([20, 45, 250, 70, 5], points):
                if (x - px) ** 2 + (y - py) ** 2 < 17:
                    image[y, x] = [tone, tone // 2, 255 - tone]
    return image, points


def fixture():
    folder = ROOT / "crates/ert/tests/dlib"
    folder.mkdir(parents=True, exist_ok=True)
    images, objects = [], []
    for number in range(60):
        image, points = fixture_face(number)
        images.append(image)
        objects.append([dlib.full_object_detection(dlib.rectangle(4, 4, 43, 43), [dlib.point(*p) for p in points])])
    options = dlib_options({"cascade_depth": 3, "num_trees_per_cascade_level": 12, "tree_depth": 3, "nu": 0.3,
                            "oversampling_amount": 10, "feature_pool_size": 40,
                            "feature_pool_region_padding": 0.1}, "fixture", 1)
    predictor = dlib.train_shape_predictor(images, objects, options)
    predictor.save(str(folder / "drawings.dat"))
    lines = [f"# dlib {dlib.__version__}, scripts/dlib_parity.py --fixture: image, left top right bottom, x0 y0 ... x4 y4"]
    for number in range(60, 100):
        image, _ = fixture_face(number)
        # Boxes that fit, that are not square, and that leave the image.
        for box in [(4, 4, 43, 43), (6, 1, 41, 46), (-9, 5, 30, 44), (14, 12, 60, 58)]:
            found = predictor(image, dlib.rectangle(*box)).parts()
            lines.append(" ".join(map(str, [number, *box, *(v for p in found for v in (p.x, p.y))])))
    (folder / "drawings.txt").write_text("\n".join(lines) + "\n")
    print(f"wrote {folder}/drawings.dat ({(folder / 'drawings.dat').stat().st_size} bytes) and drawings.txt")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--quick", action="store_true")
    source.add_argument("--mtfl", type=pathlib.Path)
    source.add_argument("--celeba", type=pathlib.Path)
    source.add_argument("--fixture", action="store_true")
    parser.add_argument("--train-images", type=int, default=2000)
    parser.add_argument("--test-images", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--work", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.fixture:
        fixture()
        return
    binary = example()
    os.environ["RAYON_NUM_THREADS"] = str(arguments.threads)
    options = {name: value for name, (_, value) in DEFAULTS.items()}
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.work or pathlib.Path(temporary)
        if arguments.quick:
            train, test = drawings(300, 1), drawings(300, 2)
            options |= {"cascade_depth": 5, "num_trees_per_cascade_level": 60, "oversampling_amount": 10}
        elif arguments.mtfl:
            train = mtfl(arguments.mtfl, "net_7876", arguments.train_images)
            test = mtfl(arguments.mtfl, "lfw_5590", arguments.test_images)
        else:
            train = celeba(arguments.celeba, "0", arguments.train_images)
            test = celeba(arguments.celeba, "2", arguments.test_images)
        trained = write_list(train, folder, "train", 1)
        truth = write_list(test, folder, "test", 2)
        if len(trained) == 0 or len(truth) == 0:
            sys.exit("no faces found: check the folder")
        print(f"{len(trained)} images to train, {len(truth)} to test, {arguments.threads} threads, "
              f"dlib {dlib.__version__}, options {options}", flush=True)
        good = compare(binary, folder, truth, options, range(1, arguments.seeds + 1), arguments.threads)
    print("good" if good else "WORSE THAN ALLOWED, or the models are read differently")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
