//! Trained cells as editors: from what is seen of a face to its residual.

use std::path::PathBuf;

use burn::tensor::Device;
use config::{Alignment, Crop, Source};
use faces::Anchors;
use model::{Generator, Init, Mode, Network, from_pixels, to_pixels, weights};

use crate::failure::Failure;
use crate::finished::{self, Finished};

/// One generator of one cell.
pub(crate) struct Editor {
    /// The cell's id.
    pub(crate) id: String,
    /// What it does: `remove eyeglasses`.
    pub(crate) what: String,
    /// Pixels of a side of what it sees.
    pub(crate) size: usize,
    /// Lowest and highest yaw that it has learned from, degrees, where that is known.
    pub(crate) yaw: Option<[f32; 2]>,
    /// How its faces were brought into the frame.
    pub(crate) anchors: Anchors,
    generator: Generator,
    device: Device,
}

/// Opens cells, on the device of the first.
///
/// # Errors
/// As [`finished::open`]; a cell is named twice; `aligned` is false and a cell has learned from crops that
/// nobody knows how to take.
pub(crate) fn open(dirs: &[PathBuf], add: bool, aligned: bool) -> Result<Vec<Editor>, Failure> {
    let (network, file, verb) = match add {
        true => (Network::G0, "weights/g0.safetensors", "add"),
        false => (Network::G1, "weights/g1.safetensors", "remove"),
    };
    let mut found: Vec<Finished> = Vec::new();
    for dir in dirs {
        let cell = finished::open(dir, file)?;
        if found.iter().any(|other| other.id == cell.id) {
            let text =
                format!("error: --checkpoint {} is cell {}, named twice", dir.display(), cell.id);
            return Err(Failure::BadInput(text));
        }
        let data = &cell.run.data;
        if !aligned && data.crop == Crop::Made {
            return Err(Failure::BadInput(format!(
                "error: {} has learned from crops that were made elsewhere (data.crop = \"made\"): how they \
                 lie around a face is not known\nhelp: give crops that were made like them, with --aligned",
                dir.display()
            )));
        }
        found.push(cell);
    }
    let mut device = None;
    let mut editors = Vec::new();
    for Finished { run, id, weights, yaw } in found {
        let device = match &device {
            Some(device) => Device::clone(device),
            None => device.insert(backend::open(&run.backend)?).clone(),
        };
        let fresh = Generator::new(&run.model, &mut Init::new(0, network, &device));
        let generator = weights::assign(fresh, &weights)?;
        let what = format!("{verb} {}", run.data.attribute.name());
        let anchors = match (run.data.source, run.data.alignment) {
            (Source::Celeba | Source::Folder, Alignment::Given) => Anchors::EyesAndMouth,
            _ => Anchors::FivePoints,
        };
        editors.push(Editor { id, what, size: run.data.size, yaw, anchors, generator, device });
    }
    Ok(editors)
}

impl Editor {
    /// The residual image, planes `[3, size, size]` in units of [-1, 1], of a view of `size` x `size` RGB bytes.
    pub(crate) fn residual(&self, view: &[u8]) -> Vec<f32> {
        let x = from_pixels(data::planar(view, self.size, false), self.size, &self.device);
        to_pixels(self.generator.forward(x, Mode::Eval).residual)
    }
}
