//! `resgan landmarks`: points in single images, by an ensemble of regression trees.

use std::path::{Path, PathBuf};

use clap::Args;
use ert::{Ert, GreyImage, Rect};

use crate::failure::Failure;

/// Which model, on what.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Ensemble of regression trees: a file of the cache (results/cache/judges/ert-*.ert), or one
    /// that dlib wrote (shape_predictor*.dat)
    #[arg(long)]
    model: PathBuf,
    /// Box of the face in pixels, left,top,right,bottom; without it the centre square, as in training
    #[arg(long = "box", value_name = "L,T,R,B", value_parser = rectangle)]
    rectangle: Option<Rect>,
    /// Images
    #[arg(required = true)]
    images: Vec<PathBuf>,
}

fn rectangle(text: &str) -> Result<Rect, String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok([left, top, right, bottom]) if right > left && bottom > top => {
            Ok(Rect { left: *left, top: *top, right: *right, bottom: *bottom })
        }
        _ => {
            Err("a box is left,top,right,bottom in pixels, right of left and below top".to_owned())
        }
    }
}

/// Prints `image,point,x,y`, a line per point.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bad = |path: &Path, reason: String| {
        Failure::BadInput(format!("error: {}: {reason}", path.display()))
    };
    let path = &arguments.model;
    let bytes = std::fs::read(path).map_err(|e| bad(path, e.to_string()))?;
    let is_dlib = path.extension().is_some_and(|extension| extension == "dat");
    let model = if is_dlib { Ert::from_dlib(&bytes) } else { Ert::from_bytes(&bytes) };
    let model = model.map_err(|e| bad(path, e.to_string()))?;
    println!("image,point,x,y");
    for path in &arguments.images {
        let image = image::open(path).map_err(|e| bad(path, e.to_string()))?.to_rgb8();
        let (width, height) = (image.width() as usize, image.height() as usize);
        let grey = GreyImage::from_rgb(width, height, image.as_raw());
        let rectangle = arguments.rectangle.unwrap_or_else(|| centre_square(width, height));
        for (index, [x, y]) in model.detect(&grey, &rectangle).into_iter().enumerate() {
            println!("{},{},{x:.2},{y:.2}", path.display(), index + 1);
        }
    }
    Ok(())
}

fn centre_square(width: usize, height: usize) -> Rect {
    let side = width.min(height) as f32;
    let (left, top) = ((width as f32 - side) / 2.0, (height as f32 - side) / 2.0);
    Rect { left, top, right: left + side - 1.0, bottom: top + side - 1.0 }
}
