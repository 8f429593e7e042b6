//! `resgan edit`: single images through the generators of a finished cell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use image::imageops::FilterType;
use image::{Rgb, RgbImage};
use model::{Generator, Init, Mode, Network, from_pixels, to_pixels, weights};

use crate::failure::Failure;
use crate::finished::{self, Finished};
use crate::{picture, say};

/// Which way, on what, how strongly.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Directory of a trained cell (`results/<experiment>/cells/<id>`)
    #[arg(long)]
    checkpoint: PathBuf,
    /// Add the attribute (G0)
    #[arg(long, conflicts_with = "remove", required_unless_present = "remove")]
    add: bool,
    /// Remove the attribute (G1)
    #[arg(long)]
    remove: bool,
    /// Aligned face images, JPEG or PNG; the centre square is taken and resized
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// Directory for the edited images: a.jpg becomes a.png. Names that would collide are refused, and so
    /// is an output that exists and is no earlier edit
    #[arg(short, long)]
    output: PathBuf,
    /// Multiplies the residual: x + g r, g from 0 to 2
    #[arg(long, default_value_t = 1.0, value_parser = strength)]
    strength: f32,
}

fn strength(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(g) if (0.0..=2.0).contains(&g) => Ok(g),
        _ => Err("a strength lies between 0 and 2".to_owned()),
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { checkpoint, images, output, strength, .. } = arguments;
    let (network, file, what) = match arguments.add {
        true => (Network::G0, "weights/g0.safetensors", "add"),
        false => (Network::G1, "weights/g1.safetensors", "remove"),
    };
    let Finished { run, id, weights } = finished::open(checkpoint, file)?;
    let targets = targets(images, output)?;
    for target in &targets {
        picture::may_write(target, images)?;
    }
    // Every image is read before the first is written.
    let inputs: Vec<Vec<f32>> =
        images.iter().map(|path| read(path, run.data.size)).collect::<Result<_, _>>()?;
    let device = backend::open(&run.backend)?;
    let fresh = Generator::new(&run.model, &mut Init::new(0, network, &device));
    let generator = weights::assign(fresh, &weights)?;
    std::fs::create_dir_all(output).map_err(|e| {
        Failure::BadInput(format!("error: --output {} cannot be made: {e}", output.display()))
    })?;
    let how = format!("cell {id}: {what} {}, strength {strength}", run.data.attribute.name());
    let mut told = Ok(true);
    for (target, values) in targets.iter().zip(inputs) {
        let x = from_pixels(values, run.data.size, &device);
        let residual = generator.forward(x.clone(), Mode::Eval).residual;
        let edited = to_pixels(x + residual * *strength);
        let bytes = picture::encode(&rgb(&edited, run.data.size), &how)?;
        record::write_atomic(target, &bytes).map_err(|e| {
            Failure::Infrastructure(format!("error: cannot write {}: {e}", target.display()))
        })?;
        // Every image is written, whatever becomes of the words.
        told = told.and(say::line(target.display()));
    }
    told.map(drop)
}

/// Where each image's edit goes: its name without the ending, and `.png`. Names that differ in case alone
/// are one file on some systems.
fn targets(images: &[PathBuf], output: &Path) -> Result<Vec<PathBuf>, Failure> {
    if output.exists() && !output.is_dir() {
        let text = format!("error: --output {} is a file, not a directory", output.display());
        return Err(Failure::BadInput(text));
    }
    let mut taken: BTreeMap<String, &PathBuf> = BTreeMap::new();
    let mut targets = Vec::new();
    for image in images {
        let mut name = image.file_stem().unwrap_or_default().to_owned();
        if let Some(other) = taken.insert(name.to_string_lossy().to_lowercase(), image) {
            return Err(Failure::BadInput(format!(
                "error: {} and {} would both become {}.png in {}\n\
                 help: nothing was written; edit them in two calls with different --output, or rename one",
                other.display(),
                image.display(),
                name.display(),
                output.display()
            )));
        }
        name.push(".png");
        targets.push(output.join(name));
    }
    Ok(targets)
}

/// The centre square at the network's size, NCHW in [-1, 1].
fn read(path: &Path, size: usize) -> Result<Vec<f32>, Failure> {
    let image = photo(path)?;
    let side = image.width().min(image.height());
    let (left, top) = ((image.width() - side) / 2, (image.height() - side) / 2);
    let square = image::imageops::crop_imm(&image, left, top, side, side).to_image();
    let small = image::imageops::resize(&square, size as u32, size as u32, FilterType::Triangle);
    let value = |i: usize| {
        let (channel, y, x) = (i / (size * size), i / size % size, i % size);
        f32::from(small.get_pixel(x as u32, y as u32).0[channel]) / 127.5 - 1.0
    };
    Ok((0..3 * size * size).map(value).collect())
}

/// A photograph by the one reader of all commands.
pub(crate) fn photo(path: &Path) -> Result<RgbImage, Failure> {
    data::photo::read(path).map_err(|e| Failure::BadInput(format!("error: {} {e}", path.display())))
}

fn rgb(planes: &[f32], size: usize) -> RgbImage {
    RgbImage::from_fn(size as u32, size as u32, |x, y| {
        let at = y as usize * size + x as usize;
        let level = |c: usize| ((planes[c * size * size + at] + 1.0) * 127.5).round();
        Rgb([0, 1, 2].map(|c| level(c).clamp(0.0, 255.0) as u8))
    })
}
