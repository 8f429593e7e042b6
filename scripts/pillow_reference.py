"""Golden pixels of crates/data: Pillow's BILINEAR resize of an image from a formula.

Needs: Python 3.11+, numpy and Pillow; no files and no GPU.
Writes: crates/data/tests/pillow.json, next to this script's folder. Run from anywhere:
    python scripts/pillow_reference.py
The formula is in whole numbers, and tests/pillow.rs repeats it.
"""

import json
import pathlib

import numpy
import PIL
from PIL import Image

# Width and height of the image, the square that is cut out (left, top, side), pixels of the crop, and every
# how-manieth of them is kept in both directions. The first three are CelebA's frame and LFW's window.
CASES = [
    (178, 218, (0, 20, 178), 64, 7),
    (178, 218, (0, 20, 178), 128, 14),
    (250, 250, (30.5, 14.25, 192.5), 64, 7),
    (128, 128, (0, 0, 128), 64, 7),
    (40, 50, (-3.5, 6.25, 41), 96, 10),
]

# Our filter sees the image's edge repeated outside of it; Pillow leaves out what is not there.
EDGE = 16


def picture(width, height):
    y, x, c = numpy.meshgrid(*[numpy.arange(n) for n in (height, width, 3)], indexing="ij")
    return ((x * (c + 3) + y * (7 - c) + x * y // 8) % 256).astype(numpy.uint8)


def crop(width, height, square, size):
    left, top, side = square
    padded = numpy.pad(picture(width, height), [(EDGE, EDGE), (EDGE, EDGE), (0, 0)], "edge")
    box = (left + EDGE, top + EDGE, left + EDGE + side, top + EDGE + side)
    return numpy.asarray(Image.fromarray(padded).resize((size, size), Image.BILINEAR, box))


def main():
    cases = [
        {
            "image": [width, height],
            "square": list(square),
            "size": size,
            "every": every,
            "pixels": crop(width, height, square, size)[::every, ::every].flatten().tolist(),
        }
        for width, height, square, size, every in CASES
    ]
    found = {"made_by": f"scripts/pillow_reference.py, Pillow {PIL.__version__}", "cases": cases}
    path = pathlib.Path(__file__).parent.parent / "crates/data/tests/pillow.json"
    path.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
