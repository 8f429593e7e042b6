"""Makes crates/faces/models/mtcnn_onet.safetensors: the third network of MTCNN (Zhang et al. 2016), which puts
five points on a face.

    python -m pip download --no-deps --only-binary :all: -d DIR facenet-pytorch==2.6.0
    python scripts/mtcnn_weights.py DIR/facenet_pytorch-2.6.0-py3-none-any.whl
    python scripts/mtcnn_weights.py WHEEL --golden   # what crates/faces/src/onet.rs expects, from PyTorch

Needs PyTorch (`cargo xtask setup libtorch`). The weights are those of the package, MIT licence, copied beside them.
"""

import io
import json
import struct
import sys
import zipfile
from pathlib import Path

import torch
from torch.nn.functional import linear, max_pool2d, prelu, softmax

MODELS = Path(__file__).resolve().parent.parent / "crates" / "faces" / "models"


def read(wheel):
    """Weights by name, and the licence's text."""
    with zipfile.ZipFile(wheel) as archive:
        state = torch.load(io.BytesIO(archive.read("facenet_pytorch/data/onet.pt")), weights_only=True)
        licence = next(name for name in archive.namelist() if name.endswith("LICENSE.md"))
        return state, archive.read(licence).decode()


def safetensors(state):
    """The bytes of the file; equal weights give equal bytes."""
    header, data = {}, b""
    for name in sorted(state):
        values = state[name].float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(state[name].shape),
            "data_offsets": [len(data), len(data) + len(values)],
        }
        data += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def forward(w, x):
    """Boxes, points and probabilities as facenet-pytorch's ONet computes them."""
    def layer(x, i):
        return prelu(torch.conv2d(x, w[f"conv{i}.weight"], w[f"conv{i}.bias"]), w[f"prelu{i}.weight"])

    x = max_pool2d(layer(x, 1), 3, 2, ceil_mode=True)
    x = max_pool2d(layer(x, 2), 3, 2, ceil_mode=True)
    x = max_pool2d(layer(x, 3), 2, 2, ceil_mode=True)
    x = layer(x, 4).permute(0, 3, 2, 1).reshape(x.shape[0], -1)
    x = prelu(linear(x, w["dense5.weight"], w["dense5.bias"]), w["prelu5.weight"])
    head = lambda i: linear(x, w[f"dense6_{i}.weight"], w[f"dense6_{i}.bias"])
    return head(2), head(3), softmax(head(1), 1)


def golden(state):
    """The answer to a picture that the test makes too: a ramp with a period of 97 levels."""
    at = torch.arange(3 * 48 * 48).reshape(1, 48, 48, 3).permute(0, 3, 1, 2)
    levels = (at * 37 % 97 + at % 3 * 50).float()
    box, points, face = forward({k: v.double() for k, v in state.items()}, ((levels - 127.5) / 128).double())
    for name, values in [("box", box[0]), ("points", points[0]), ("face", face[0, 1:])]:
        print(name, [round(value, 6) for value in values.tolist()])


if __name__ == "__main__":
    state, licence = read(sys.argv[1])
    if "--golden" in sys.argv:
        golden(state)
    else:
        (MODELS / "mtcnn_onet.safetensors").write_bytes(safetensors(state))
        (MODELS / "LICENSE-mtcnn").write_text(licence)
