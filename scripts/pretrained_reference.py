"""Reference outputs for the networks that read other people's weights: LPIPS and ArcFace.

Needs: numpy, torch, torchvision, lpips 0.1.4. Nothing is downloaded.
Writes: crates/model/tests/pretrained.json, and files as torch.save writes them to crates/model/tests/torch.

Every weight and every pixel is made by a formula in whole numbers (`units`), which
crates/model/tests/formula/mod.rs repeats bit for bit. LPIPS is the `lpips` package's own code on
torchvision's AlexNet; the ArcFace backbone is written here in torch, with the names and the
arithmetic of arcface_torch (Deng et al. 2019; Duta et al. 2020). Both run in double precision.

Usage: python scripts/pretrained_reference.py
"""

import json
import math
import warnings
from importlib.metadata import version
from pathlib import Path

import lpips
import numpy as np
import torch
from torch import nn
from torch.nn.functional import interpolate, normalize

TESTS = Path(__file__).parent.parent / "crates/model/tests"
OUTPUT = TESTS / "pretrained.json"
WORD = 0xFFFFFFFF

# A network narrower than iresnet18, its stages of different depth and width.
STEM, WIDTHS, DEPTHS, EMBEDDING = 6, [8, 10, 12, 16], [2, 1, 3, 1], 24


def units(name: str, count: int) -> np.ndarray:
    """`count` numbers in [-1, 1): FNV-1a of the name, then murmur3's finaliser of the index."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & WORD
    h = ((np.arange(count, dtype=np.uint64) + 1) * 0x9E3779B1 + seed) & WORD
    h ^= h >> 16
    h = (h * 0x85EBCA6B) & WORD
    h ^= h >> 13
    h = (h * 0xC2B2AE35) & WORD
    h ^= h >> 16
    return h / 2.0**31 - 1.0


def weights(name: str, shape: list[int]) -> np.ndarray:
    """One array: centre plus spread times `units`, by what the array is for."""
    last, fan_in = name.rsplit(".", 1)[-1], int(np.prod(shape[1:]))
    if name == "scaling_layer.shift":
        centre, spread = 0.0, 0.2
    elif name == "scaling_layer.scale":
        centre, spread = 0.45, 0.1
    elif name.startswith("lin"):
        centre, spread = 0.5, 0.5
    elif last == "weight" and len(shape) > 1:
        centre, spread = 0.0, math.sqrt(6.0 / fan_in)
    elif "prelu" in name:
        centre, spread = 0.25, 0.2
    elif last in ("weight", "running_var"):
        centre, spread = 1.0, 0.5
    else:
        centre, spread = 0.0, 0.2
    return (centre + spread * units(name, int(np.prod(shape)))).astype(np.float32).reshape(shape)


def fill(network: nn.Module) -> nn.Module:
    """The network with weights by formula, in double precision, for inference."""
    arrays = network.state_dict()
    for name in arrays:
        if not name.endswith("num_batches_tracked"):
            # `lins.0` is `lin0` under a second name.
            name_of_formula = name.replace("lins.", "lin")
            arrays[name] = torch.from_numpy(weights(name_of_formula, list(arrays[name].shape)))
    network.load_state_dict(arrays)
    return network.double().eval()


def images(name: str, count: int, size: int) -> torch.Tensor:
    """[count, 3, size, size] in [-1, 1)."""
    values = units(name, count * 3 * size * size).astype(np.float32)
    return torch.from_numpy(values.reshape(count, 3, size, size)).double()


class Block(nn.Module):
    """Normalise, convolve, normalise, PReLU, convolve, normalise; plus the input."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.prelu = nn.PReLU(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        y = self.bn3(self.conv2(y))
        return y + (x if self.downsample is None else self.downsample(x))


class Iresnet(nn.Module):
    """Stem at full size, four stages that halve the side each, one linear layer over 7x7 maps."""

    def __init__(self, stem: int, widths: list[int], depths: list[int], embedding: int):
        super().__init__()
        self.conv1 = nn.Conv2d(3, stem, 3, padding=1, bias=False)
        self.bn1, self.prelu = nn.BatchNorm2d(stem), nn.PReLU(stem)
        inputs = stem
        for stage, (outputs, depth) in enumerate(zip(widths, depths, strict=True), 1):
            blocks = [Block(inputs, outputs, 2)]
            blocks += [Block(outputs, outputs, 1) for _ in range(depth - 1)]
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
            inputs = outputs
        self.bn2 = nn.BatchNorm2d(inputs)
        self.fc = nn.Linear(inputs * 49, embedding)
        self.features = nn.BatchNorm1d(embedding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.prelu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.features(self.fc(self.bn2(x).flatten(1)))


def lpips_reference() -> dict:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torchvision's renamed argument, used inside lpips
        network = lpips.LPIPS(net="alex", pretrained=False, pnet_rand=True, verbose=False)
    network = fill(network)
    cases = []
    for count, size in [(2, 64), (3, 45), (1, 31)]:
        a, b = images(f"a{size}", count, size), images(f"b{size}", count, size)
        total, layers = network(a, b, retPerLayer=True)
        print("lpips", size, [round(layer[0].item(), 4) for layer in layers])
        cases.append({"size": size, "distances": total.flatten().tolist()})

    def accepted(size: int) -> bool:
        try:
            network(images("s", 1, size), images("t", 1, size))
        except RuntimeError:
            return False
        return True

    smallest = min(size for size in range(1, 65) if accepted(size))
    shapes = {name: list(array.shape) for name, array in network.state_dict().items()}
    return {"smallest": smallest, "shapes": shapes, "cases": cases}


def iresnet_reference() -> dict:
    network = fill(Iresnet(STEM, WIDTHS, DEPTHS, EMBEDDING))
    cases = []
    for count, size in [(3, 112), (2, 64), (2, 128)]:
        x = images(f"face{size}", count, size)
        if size != 112:
            x = interpolate(x, (112, 112), mode="bilinear", align_corners=False)
        embedded = normalize(network(x))
        print("iresnet", size, "cosine", round((embedded[0] @ embedded[1]).item(), 4))
        cases.append({"size": size, "embeddings": embedded.tolist()})
    shapes = {
        name: list(array.shape)
        for name, array in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    return {"shapes": shapes, "cases": cases}


def torch_files() -> None:
    """One state_dict as people keep it: whole, halved, in the layout before PyTorch 1.6, in a checkpoint."""
    weight = torch.tensor([[0.5, 0.25], [-1.0, 8.0], [2.0, -0.125]]).T
    counter = torch.tensor(7)
    state = {"a.weight": weight, "n.num_batches_tracked": counter}
    folder = TESTS / "torch"
    folder.mkdir(exist_ok=True)
    torch.save(state, folder / "plain.pth")
    torch.save({**state, "a.weight": weight.half()}, folder / "half.pth")
    legacy = {**state, "a.weight": weight.bfloat16()}
    torch.save(legacy, folder / "legacy-bf16.pth", _use_new_zipfile_serialization=False)
    parallel = {f"module.{name}": array for name, array in state.items()}
    optimizer = {"state": {0: {"exp_avg": torch.zeros(2)}}}
    checkpoint = {"epoch": 3, "state_dict": parallel, "optimizer": optimizer}
    torch.save(checkpoint, folder / "checkpoint.pth")


def main() -> None:
    torch_files()
    with torch.no_grad():
        versions = {name: version(name) for name in ("torch", "torchvision", "lpips")}
        reference = {
            "versions": versions,
            "lpips": lpips_reference(),
            "iresnet": iresnet_reference(),
        }
    OUTPUT.write_text(json.dumps(reference, indent=1) + "\n")
    print("smallest image of lpips:", reference["lpips"]["smallest"])


if __name__ == "__main__":
    main()
