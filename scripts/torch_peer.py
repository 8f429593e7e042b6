"""The method in PyTorch: the reference of the parity tests and the peer of the benchmarks.

It takes everything from a directory that `resgan peer` writes: `run.toml` (the resolved configuration),
`g0|g1|d.safetensors` (initial weights) and `batch.safetensors` (`x0`, `x1`, and what the run draws beside).

    torch_peer.py parity DIR...             two steps; writes DIR/torch.json and DIR/torch-*.safetensors
    torch_peer.py step DIR [--variant V] [--device cpu|cuda] [--tf32]
                                            reads numbers of steps on standard input, answers in seconds
    torch_peer.py ops DIR [--variant V]     the same for `LAYER COUNT`, one layer of DIR/layers.json

    torch_peer.py data DIR [--variant V]    the same for passes over DIR/img_align_celeba (eager: Pillow)
    torch_peer.py ablation DIR              trains every cell below DIR, from JPEG files to weights

Variants: eager, channels_last, compile (torch.compile of the networks, on the better layout of both).
"""

import argparse
import functools
import json
import math
import resource
import sys
import time
import tomllib
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

EPSILON, MOMENTUM, SLOPE = 1e-5, 0.1, 0.2


class Network(torch.nn.Module):
    """Arrays under the names that the weights files give them; statistics are buffers."""

    def __init__(self, arrays, model):
        super().__init__()
        self.model = model
        self.order = sorted(arrays)
        for name in self.order:
            key = name.replace(".", "__")
            if ".running." in name or ".spectral." in name:
                self.register_buffer(key, arrays[name].clone())
            else:
                self.register_parameter(key, torch.nn.Parameter(arrays[name].clone()))

    def array(self, name):
        return getattr(self, name.replace(".", "__"))

    def norm_act(self, x, name, kind, update=False, slope=SLOPE):
        if kind != "none":
            gamma, beta = self.array(f"{name}.affine.gamma"), self.array(f"{name}.affine.beta")
            if kind == "instance":
                x = F.instance_norm(x, weight=gamma, bias=beta, eps=EPSILON)
            else:
                running = (None, None)
                if update:
                    running = tuple(self.array(f"{name}.running.{s}") for s in ("mean", "variance"))
                x = F.batch_norm(x, *running, gamma, beta, True, MOMENTUM, EPSILON)
        return x if slope == 1.0 else F.leaky_relu(x, slope)

    def conv(self, x, name, stride, padding):
        return F.conv2d(x, self.weight(name), self.array(f"{name}.bias"), stride, padding)

    def weight(self, name):
        """Divided by its largest singular value where the network says so."""
        weight = self.array(f"{name}.weight")
        if f"{name}.spectral.u" not in self.order:
            return weight
        u, matrix = self.array(f"{name}.spectral.u"), weight.flatten(1)
        with torch.no_grad():
            v = F.normalize(matrix.T @ u, dim=0, eps=1e-12)
        return weight / (u @ matrix @ v)

    @torch.no_grad()
    def power_iteration(self):
        for name in self.order:
            if name.endswith(".spectral.u"):
                u, matrix = self.array(name), self.array(name.replace("spectral.u", "weight")).flatten(1)
                u.copy_(F.normalize(matrix @ F.normalize(matrix.T @ u, dim=0), dim=0))

    def named(self):
        return {name: self.array(name) for name in self.order}


class Generator(Network):
    def up(self, x, name):
        weight, bias = self.array(f"{name}.weight"), self.array(f"{name}.bias")
        if self.model["upsample"] == "deconv":
            return F.conv_transpose2d(x, weight, bias, stride=2, padding=1, output_padding=1)
        return F.conv2d(F.interpolate(x, scale_factor=2, mode="nearest"), weight, bias, padding=1)

    def forward(self, x, update):
        kind = self.model["norm"]
        whole = self.norm_act(self.conv(x, "conv1", 1, 2), "norm1", kind, update)
        half = self.norm_act(self.conv(whole, "conv2", 2, 1), "norm2", kind, update)
        y = self.norm_act(self.conv(half, "conv3", 2, 1), "norm3", kind, update)
        for index in range(self.model["residual_blocks"]):
            block = f"blocks.{index}"
            z = self.norm_act(self.conv(y, f"{block}.conv1", 1, 1), f"{block}.norm1", kind, update)
            z = self.conv(z, f"{block}.conv2", 1, 1)
            y = y + self.norm_act(z, f"{block}.norm2", kind, update, slope=1.0)
        y = self.norm_act(self.up(y, "up1"), "norm4", kind, update)
        if self.model["skips"]:
            y = y + half
        y = self.norm_act(self.up(y, "up2"), "norm5", kind, update)
        if self.model["skips"]:
            y = y + whole
        # An even kernel: one more zero after than before.
        y = self.conv(F.pad(y, (1, 2, 1, 2)), "last", 1, 0)
        if self.model["output"] == "residual":
            return y, x + y
        if self.model["output"] == "masked":
            residual = y[:, :3] * torch.sigmoid(y[:, 3:])
            return residual, x + residual
        edited = torch.tanh(y)
        return edited - x, edited


class Discriminator(Network):
    def trunk(self, x, tap, depth):
        features = None
        for index in range(depth):
            kind = self.model["discriminator_norm"]
            kind = {"same": self.model["norm"], "spectral": "none"}.get(kind, kind)
            if index == 0 and not self.model["discriminator_first_norm"]:
                kind = "none"
            place = tap[1] if tap is not None and tap[0] == index + 1 else None
            z = self.conv(x, f"convs.{index}", 2, 1)
            if place == "conv":
                features = z
            if place == "norm":
                features = self.norm_act(z, f"norms.{index}", kind, slope=1.0)
                x = F.leaky_relu(features, SLOPE)
            else:
                x = self.norm_act(z, f"norms.{index}", kind)
            if place == "activation":
                features = x
        return x, features

    def forward(self, x, tap=None):
        depth = sum(name.startswith("convs.") and name.endswith(".weight") for name in self.order)
        y, features = self.trunk(x, tap, depth)
        return self.conv(y, "logits", 1, 0).flatten(1), features


def log_probability(logits, label):
    return F.log_softmax(logits, 1)[:, label]


def sum_over_batch(x):
    return x.abs().sum() / x.shape[0]


class Pass:
    """One generator's edits of one batch, through a discriminator that does not learn."""

    def __init__(self, training, other, x, residual, edited, add):
        self.training, self.other, self.x = training, other, x
        self.residual, self.edited, self.add = residual, edited, add
        self.losses = training.run["losses"]
        self.source, self.target = (0, 1) if add else (1, 0)
        self.tap = (self.losses["perceptual_layer"], self.losses["perceptual_tap"])

    def seen(self, x):
        return self.training.view(x, 2 if self.add else 3)

    @functools.cached_property
    def judged(self):
        return self.training.d(self.seen(self.edited), self.tap if self.losses["beta"] > 0 else None)

    @functools.cached_property
    def undone(self):
        return self.training.g1(self.training.worn, False)[1]

    @functools.cached_property
    def second(self):
        frozen = self.losses["dual_trains"] == "first"
        if frozen:
            self.other.requires_grad_(False)
        second = self.other(self.edited, False)[1]
        if frozen:
            self.other.requires_grad_(True)
        return second


def adversarial(seen):
    logits = seen.judged[0]
    if seen.losses["adversarial"] == "literal" and not seen.add:
        return -torch.logsumexp(F.log_softmax(logits, 1)[:, [0, 2]], 1).mean()
    return -log_probability(logits, seen.target).mean()


def dual(seen):
    return -log_probability(seen.training.d(seen.seen(seen.second))[0], seen.source).mean()


def perceptual(seen):
    with torch.no_grad():
        wanted = seen.training.trunk(seen.seen(seen.x), seen.tap, seen.tap[0])[1]
    return sum_over_batch(seen.judged[1] - wanted)


def pixel(seen):
    """The weight falls from step to step, and is smaller inside the attribute's region."""
    size = seen.residual.abs()
    inside = seen.training.batch.get("inside0" if seen.add else "inside1")
    if inside is not None:
        size = torch.where(inside > 0, size * seen.losses["alpha_inside"], size)
    end = seen.losses["alpha_end"]
    return sum_over_batch(size) * (end + (1 - end) * seen.training.left())


def nothing_for_g0(term):
    """What G1 alone learns from."""
    return lambda seen: torch.zeros((), device=seen.x.device) if seen.add else term(seen)


def sized(key):
    """A weight that is stated for 128x128."""
    return lambda run: run["losses"][key] * 128.0 * 128.0 / run["data"]["size"] ** 2


# Column: weight, value. The same columns as the objective in crates/losses.
TERMS = {
    "g_adv": (lambda run: 1.0, adversarial),
    "g_dual": (lambda run: float(run["losses"]["dual"] in ("adversarial", "both")), dual),
    "g_reconstruction": (
        lambda run: sized("lambda")(run) * (run["losses"]["dual"] in ("reconstruction", "both")),
        lambda seen: sum_over_batch(seen.second - seen.x),
    ),
    "g_pixel": (sized("alpha"), pixel),
    "g_perceptual": (sized("beta"), perceptual),
    "g_paired": (
        sized("paired"),
        nothing_for_g0(lambda seen: sum_over_batch(seen.undone - seen.training.x0)),
    ),
    "g_paired_gan": (
        lambda run: float(run["losses"]["paired"] > 0),
        nothing_for_g0(
            lambda seen: -log_probability(seen.training.d(seen.seen(seen.undone))[0], 0).mean()
        ),
    ),
}
GROUPS = ("d_loss_real0", "d_loss_real1", "d_loss_added", "d_loss_removed")


class Training:
    """Three networks, three optimisers, the alternating step."""

    def __init__(self, folder, variant, device="cpu"):
        self.run = tomllib.loads((folder / "run.toml").read_text())
        self.layout = torch.channels_last if variant != "eager" else torch.contiguous_format
        model, train = self.run["model"], self.run["train"]
        load = lambda name: load_file(folder / f"{name}.safetensors")
        self.nets = {
            "g0": Generator(load("g0"), model),
            "g1": Generator(load("g1"), model),
            "d": Discriminator(load("d"), model),
        }
        for net in self.nets.values():
            net.to(device, memory_format=self.layout)
        self.batch = {name: array.to(device) for name, array in load("batch").items()}
        self.x0, self.x1, self.worn = (
            self.batch[k].to(memory_format=self.layout) if k in self.batch else None
            for k in ("x0", "x1", "worn")
        )
        self.steps, self.kept = 0, ([], [])
        self.optimisers = {
            name: torch.optim.Adam(
                net.parameters(),
                lr=(name == "d" and train["lr_discriminator"]) or train["lr"],
                betas=(train["beta1"], train["beta2"]),
                eps=train["epsilon"],
                fused=True,
            )
            for name, net in self.nets.items()
        }
        g0, g1, d = self.nets["g0"], self.nets["g1"], self.nets["d"]
        self.g0, self.g1, self.d = g0, g1, d
        self.trunk = d.trunk
        if variant == "compile":
            self.g0, self.g1, self.d = (torch.compile(net) for net in (g0, g1, d))
            self.trunk = torch.compile(d.trunk)

    def terms(self, other, x, residual, edited, add):
        """The weighted terms of L_G that the run has, by their columns."""
        seen = Pass(self, other, x, residual, edited, add)
        weights = {column: weight(self.run) for column, (weight, _) in TERMS.items()}
        return {c: TERMS[c][1](seen) * weight for c, weight in weights.items() if weight}

    def left(self):
        """What is left of training before this step, from 1 down."""
        return 1 - self.steps / self.run["train"]["steps"]

    def view(self, x, group):
        """Differentiable augmentation, then noise: what D sees of a group of images."""
        of = lambda name: self.batch[f"{name}{group}"].view(-1, 1, 1, 1)
        if f"brightness{group}" in self.batch:
            x = x + of("brightness")
            grey = x.mean(1, keepdim=True)
            x = grey + (x - grey) * of("saturation")
            mean = x.mean((1, 2, 3), keepdim=True)
            x = mean + (x - mean) * of("contrast")
        if f"down{group}" in self.batch:
            side = x.shape[-1]
            far = F.pad(x, (side, side, side, side))
            by = zip(self.batch[f"down{group}"].int().tolist(), self.batch[f"right{group}"].int().tolist())
            x = torch.stack(
                [far[i, :, side - d : 2 * side - d, side - r : 2 * side - r] for i, (d, r) in enumerate(by)]
            )
        if f"noise{group}" in self.batch:
            sigma = self.run["train"]["instance_noise"] * self.left()
            x = x + sigma * self.batch[f"noise{group}"]
        return x

    def replayed(self, edits, generator):
        """Half of the edits are exchanged for old ones, once enough are kept."""
        size, kept, shown = self.run["train"]["replay"], self.kept[generator], []
        if not size:
            return edits
        for edit, number in zip(edits, self.batch[f"replay{generator}"].tolist()):
            if len(kept) < size:
                kept.append(edit)
            elif number >= 0.5:
                place = int((number - 0.5) * 2 * size)
                edit, kept[place] = kept[place], edit
            shown.append(edit)
        return torch.stack(shown)

    def discriminator_step(self, edited):
        self.nets["d"].power_iteration()
        edited = [self.replayed(edits, generator) for generator, edits in enumerate(edited)]
        groups = enumerate(zip((self.x0, self.x1, *edited), (0, 1, 2, 2)))
        logits = [(self.d(self.view(x, group))[0], label) for group, (x, label) in groups]
        terms = torch.stack([-log_probability(y, label).mean() / 4 for y, label in logits])
        loss = terms.sum()
        self.optimisers["d"].zero_grad()
        loss.backward()
        self.optimisers["d"].step()
        shares = [float((y.argmax(1) == label).float().mean()) for y, label in logits]
        return loss.item(), terms.tolist(), shares

    def step(self):
        out0, out1 = self.g0(self.x0, True), self.g1(self.x1, True)
        d_loss, d_terms, (real0, real1, fake0, fake1) = self.discriminator_step(
            (out0[1].detach(), out1[1].detach())
        )
        self.nets["d"].requires_grad_(False)
        add = self.terms(self.g1, self.x0, *out0, True)
        remove = self.terms(self.g0, self.x1, *out1, False)
        terms = torch.stack([add[column] + remove[column] for column in add])
        loss = terms.sum()
        for name in ("g0", "g1"):
            self.optimisers[name].zero_grad()
        loss.backward()
        for name in ("g0", "g1"):
            self.optimisers[name].step()
        self.nets["d"].requires_grad_(True)
        self.steps += 1
        return {
            "d_loss": d_loss,
            **dict(zip(GROUPS, d_terms)),
            "d_real0": real0,
            "d_real1": real1,
            "d_fake": (fake0 + fake1) / 2,
            "g_loss": loss.item(),
            **dict(zip(add, terms.tolist())),
            "residual_l1": ((out0[0].abs().mean() + out1[0].abs().mean()) / 2).item(),
        }


def parity(folder):
    """Two steps: gradients and weights of the first; the second shows that the optimisers go on."""
    training = Training(folder, "eager")
    metrics = [training.step()]
    gradients = {
        f"{net}.{name}": (torch.zeros_like(p) if p.grad is None else p.grad).contiguous().clone()
        for net, network in training.nets.items()
        for name, p in network.named().items()
        if p.requires_grad
    }
    weights = {
        f"{net}.{name}": p.detach().contiguous().clone()
        for net, network in training.nets.items()
        for name, p in network.named().items()
    }
    save_file(gradients, folder / "torch-gradients.safetensors")
    save_file(weights, folder / "torch-weights.safetensors")
    metrics.append(training.step())
    (folder / "torch.json").write_text(json.dumps(metrics))


def answer_lines(work):
    """Answers every line of numbers with the seconds that `work` took."""
    print(json.dumps({"ready": torch.__version__}), flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        seconds = work(*map(int, line.split()))
        if seconds is None:
            seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "peak_mib": peak}), flush=True)


def repeat(work, count):
    for _ in range(count):
        work()


class Layer:
    """One layer with its parents, forward and backward from a gradient of ones."""

    def __init__(self, layer, layout):
        self.layer = layer
        numbers = lambda shape: torch.sin(torch.arange(math.prod(shape)).float() ** 2).reshape(shape)
        self.x = numbers(layer["x"]).to(memory_format=layout)
        self.x.requires_grad_(layer["track_input"])
        self.weight = None
        channels = layer["x"][1]
        if layer["weight"]:
            weight = numbers(layer["weight"]).to(memory_format=layout)
            self.weight = weight.requires_grad_()
            channels = layer["weight"][1 if layer["kind"] == "deconv" else 0]
        self.vectors = [numbers([channels]).requires_grad_() for _ in range(2)]

    def forward(self):
        kind, (first, second) = self.layer["kind"], self.vectors
        if kind == "deconv":
            return F.conv_transpose2d(self.x, self.weight, first, 2, 1, 1)
        if kind == "up-conv":
            large = F.interpolate(self.x, scale_factor=2, mode="nearest")
            return F.conv2d(large, self.weight, first, padding=1)
        if kind == "norm":
            return F.leaky_relu(F.batch_norm(self.x, None, None, first, second, True), SLOPE)
        left, right, top, bottom = self.layer["padding"]
        if left == right and top == bottom:
            return F.conv2d(self.x, self.weight, first, self.layer["stride"], (top, left))
        padded = F.pad(self.x, (left, right, top, bottom))
        return F.conv2d(padded, self.weight, first, self.layer["stride"])

    def run(self):
        y = self.forward()
        parents = [p for p in (self.x, self.weight, *self.vectors) if p is not None]
        parents = [p for p in parents if p.requires_grad]
        torch.autograd.grad(y, parents, torch.ones_like(y), allow_unused=True)


def operations(folder, variant):
    """One line in: a layer's number and how often it is run."""
    layout = torch.channels_last if variant != "eager" else torch.contiguous_format
    layers = json.loads((folder / "layers.json").read_text())

    def work(index, count):
        layer = Layer(layers[index], layout)
        start = time.perf_counter()
        repeat(layer.run, count)
        return time.perf_counter() - start

    answer_lines(work)


class Faces(torch.utils.data.Dataset):
    """Aligned JPEG faces: the centre 178 x 178, resized."""

    def __init__(self, root, size, with_torchvision=False):
        self.paths = sorted((root / "img_align_celeba").glob("*.jpg"))
        self.size, self.with_torchvision = size, with_torchvision

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        if self.with_torchvision:
            import torchvision

            image = torchvision.io.decode_image(str(self.paths[index]))[:, 20:198]
            return torchvision.transforms.functional.resize(image, [self.size] * 2, antialias=True)
        from PIL import Image
        import numpy

        with Image.open(self.paths[index]) as image:
            crop = image.convert("RGB").resize((self.size,) * 2, Image.BILINEAR, (0, 20, 178, 198))
        return torch.from_numpy(numpy.array(crop)).permute(2, 0, 1)


def decode(root, variant, threads, size):
    """One line in: how many passes over all faces; seconds per thousand of them."""
    faces = Faces(root, size, variant != "eager")
    workers = threads if threads > 1 else 0
    loader = torch.utils.data.DataLoader(
        faces, batch_size=64, num_workers=workers, persistent_workers=workers > 0
    )

    def work(count):
        start = time.perf_counter()
        for _ in range(count):
            for _ in loader:
                pass
        return (time.perf_counter() - start) * 1000 / len(faces)

    answer_lines(work)


def train_cell(folder, variant, threads):
    """From JPEG files to trained weights: every pair from both classes at random, half mirrored."""
    torch.set_num_threads(threads)
    training = Training(folder, variant)
    data, train = training.run["data"], training.run["train"]
    root = Path(data["root"])
    with open(root / "list_attr_celeba.txt") as lines:
        column = next(line.split() for line in lines if "Male" in line).index("Male")
        labels = {row[0]: row[column + 1] == "1" for row in map(str.split, lines)}
    faces = Faces(root, data["size"])
    images = torch.stack([faces[i] for i in range(len(faces))]).float().div_(127.5).sub_(1)
    positive = torch.tensor([labels[path.name] for path in faces.paths])
    torch.manual_seed(train["seed"])

    def draw(pool):
        chosen = images[pool[torch.randint(len(pool), (train["batch"],))]]
        mirrored = torch.rand(train["batch"]) < 0.5
        chosen[mirrored] = chosen[mirrored].flip(3)
        return chosen.to(memory_format=training.layout)

    without, having = (~positive).nonzero()[:, 0], positive.nonzero()[:, 0]
    for _ in range(train["steps"]):
        training.x0, training.x1 = draw(without), draw(having)
        training.step()
    for name, net in training.nets.items():
        save_file({k: v.detach().contiguous() for k, v in net.named().items()}, folder / f"end-{name}.safetensors")


def ablation(folder, variant, threads, at_once):
    """Every cell below `folder`, so many processes at a time."""
    cells = sorted(path.parent for path in folder.glob("*/run.toml"))
    if at_once == 1:
        for cell in cells:
            train_cell(cell, variant, threads)
        return
    processes = torch.multiprocessing.get_context("spawn")
    with processes.Pool(at_once, maxtasksperchild=1) as pool:
        share = max(threads // at_once, 1)
        pool.starmap(train_cell, [(cell, variant, share) for cell in cells], chunksize=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=["parity", "step", "ops", "data", "ablation"])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--variant", default="eager", choices=["eager", "channels_last", "compile"])
    parser.add_argument("--size", type=int, default=64, help="pixels of decoded crops")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--tf32", action="store_true", help="products of a CUDA device in TF32")
    parser.add_argument("--at-once", type=int, default=1, help="processes of an ablation")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.backends.cuda.matmul.allow_tf32 = arguments.tf32
    torch.backends.cudnn.allow_tf32 = arguments.tf32
    folder = arguments.folders[0]
    if arguments.task == "parity":
        for folder in arguments.folders:
            parity(folder)
    elif arguments.task == "step":
        training = Training(folder, arguments.variant, arguments.device)
        # A step reads its losses, and with them waits for the device.
        answer_lines(lambda count: repeat(training.step, count))
    elif arguments.task == "ops":
        operations(folder, arguments.variant)
    elif arguments.task == "data":
        decode(folder, arguments.variant, arguments.threads, arguments.size)
    else:
        ablation(folder, arguments.variant, arguments.threads, arguments.at_once)


if __name__ == "__main__":
    main()
