//! `resgan edit`: single images through the generators of a finished cell.

use std::path::{Path, PathBuf};

use clap::Args;
use config::RunConfig;
use image::imageops::FilterType;
use image::{Rgb, RgbImage};
use model::{Generator, Init, Mode, Network, from_pixels, to_pixels, weights};

use crate::failure::Failure;

/// Which way, on what, how strongly.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Directory of a finished cell (results/<experiment>/cells/<id>)
    #[arg(long)]
    checkpoint: PathBuf,
    /// Add the attribute (G0)
    #[arg(long, conflicts_with = "remove", required_unless_present = "remove")]
    add: bool,
    /// Remove the attribute (G1)
    #[arg(long)]
    remove: bool,
    /// Aligned face images; the centre square is taken and resized
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// Directory for the edited images
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
    let run = RunConfig::load(&arguments.checkpoint.join("config.toml"), &[])?;
    let device = backend::open(&run.backend)?;
    let (network, file) = match arguments.add {
        true => (Network::G0, "weights/g0.safetensors"),
        false => (Network::G1, "weights/g1.safetensors"),
    };
    let fresh = Generator::new(&run.model, &mut Init::new(0, network, &device));
    let generator = weights::assign(fresh, &weights::read(&arguments.checkpoint.join(file))?)?;
    // Every image is read before the first is written.
    let inputs = arguments
        .images
        .iter()
        .map(|path| read(path, run.data.size).map(|values| (path, values)))
        .collect::<Result<Vec<_>, _>>()?;
    std::fs::create_dir_all(&arguments.output)?;
    for (path, values) in inputs {
        let x = from_pixels(values, run.data.size, &device);
        let residual = generator.forward(x.clone(), Mode::Eval).residual;
        let edited = to_pixels(x + residual * arguments.strength);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned() + ".png";
        let target = arguments.output.join(name);
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture(&edited, run.data.size)
            .write_to(&mut bytes, image::ImageFormat::Png)
            .map_err(std::io::Error::other)?;
        record::write_atomic(&target, &bytes.into_inner())?;
        println!("{}", target.display());
    }
    Ok(())
}

/// The centre square at the network's size, NCHW in [-1, 1].
fn read(path: &Path, size: usize) -> Result<Vec<f32>, Failure> {
    let image = image::open(path)
        .map_err(|e| Failure::BadInput(format!("error: {}: {e}", path.display())))?
        .to_rgb8();
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

fn picture(planes: &[f32], size: usize) -> RgbImage {
    RgbImage::from_fn(size as u32, size as u32, |x, y| {
        let at = y as usize * size + x as usize;
        let level = |c: usize| ((planes[c * size * size + at] + 1.0) * 127.5).round();
        Rgb([0, 1, 2].map(|c| level(c).clamp(0.0, 255.0) as u8))
    })
}
