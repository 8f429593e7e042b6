//! `resgan landmarks`: points in single images, by an ensemble of regression trees.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use ert::{Ert, GreyImage, Rect};
use record::Content;

use crate::edit::photo;
use crate::failure::Failure;
use crate::say;

/// Which model, on what.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Ensemble of regression trees: a file of the cache (results/cache/judges/ert-*.ert), or one
    /// that dlib wrote (shape_predictor*.dat); the content decides, not the name
    #[arg(long)]
    model: PathBuf,
    /// Box of the face in pixels, left,top,right,bottom; without it the centre square, as in training
    #[arg(long = "box", value_name = "L,T,R,B", value_parser = rectangle)]
    rectangle: Option<Rect>,
    /// Images, JPEG or PNG
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

/// Prints `image,point,x,y` as CSV, a line per point: of all images, or of none if one cannot be read.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let model = model(&arguments.model)?;
    let mut table = csv::Writer::from_writer(Vec::new());
    let full = |e: csv::Error| Failure::Failed(format!("error: no memory for the table: {e}"));
    table.write_record(["image", "point", "x", "y"]).map_err(full)?;
    for path in &arguments.images {
        let image = photo(path)?;
        let (width, height) = (image.width() as usize, image.height() as usize);
        let grey = GreyImage::from_rgb(width, height, image.as_raw());
        let rectangle = arguments.rectangle.unwrap_or_else(|| centre_square(width, height));
        let name = path.to_string_lossy();
        for (index, [x, y]) in model.detect(&grey, &rectangle).into_iter().enumerate() {
            let [index, x, y] = [(index + 1).to_string(), format!("{x:.2}"), format!("{y:.2}")];
            table.write_record([&*name, &index, &x, &y]).map_err(full)?;
        }
    }
    let text = table.into_inner().map_err(|e| full(e.into_error().into()))?;
    // Nobody has to read to the end.
    say::text(&text).map(drop)
}

/// A model by its content, whatever it is called.
fn model(path: &Path) -> Result<Ert, Failure> {
    let bad = |problem: String| {
        let help = "help: a model is a file of the cache (results/cache/judges/ert-*.ert) or dlib's \
                    shape_predictor*.dat";
        Failure::BadInput(format!("error: {} {problem}\n{help}", path.display()))
    };
    let bytes = std::fs::read(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => bad("does not exist".to_owned()),
        _ => bad(format!("cannot be read: {e}")),
    })?;
    let model = match Content::of(&bytes) {
        Content::ErtModel => Ert::from_bytes(&bytes),
        Content::DlibPredictor => Ert::from_dlib(&bytes),
        other => {
            let remedy = other.remedy().map_or_else(String::new, |remedy| format!("; {remedy}"));
            return Err(bad(format!("is {}{remedy}", other.name())));
        }
    };
    model.map_err(|e| bad(format!("is {e}")))
}

fn centre_square(width: usize, height: usize) -> Rect {
    let side = width.min(height) as f32;
    let (left, top) = ((width as f32 - side) / 2.0, (height as f32 - side) / 2.0);
    Rect { left, top, right: left + side - 1.0, bottom: top + side - 1.0 }
}
