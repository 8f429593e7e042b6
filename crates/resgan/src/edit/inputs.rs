//! The images that a command line means: files as they are named, and those of directories.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use image::RgbImage;
use record::Content;

use crate::failure::Failure;
use crate::say;

/// Files in the order in which they were given; a directory stands for its JPEG and PNG files by their names.
///
/// # Errors
/// A directory cannot be read, or holds no image.
pub(crate) fn expanded(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut images = Vec::new();
    for path in given {
        match path.is_dir() {
            true => images.extend(of_directory(path)?),
            false => images.push(path.clone()),
        }
    }
    Ok(images)
}

fn of_directory(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let bad = |e: std::io::Error| {
        Failure::BadInput(format!("error: {} cannot be read: {e}", dir.display()))
    };
    let entries =
        std::fs::read_dir(dir).map_err(bad)?.collect::<Result<Vec<_>, _>>().map_err(bad)?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    let (mut images, mut others) = (Vec::new(), Vec::new());
    for path in paths.into_iter().filter(|path| path.is_file()) {
        match content(&path) {
            Content::Jpeg | Content::Png => images.push(path),
            other if other.is_image() => others.push((path, other)),
            _ => {}
        }
    }
    let told = others.first().map(|(path, content)| {
        let (count, name) = (others.len(), path.display());
        format!(
            "{count} image(s) of other kinds, {name} is {}; convert them to JPEG or PNG",
            content.name()
        )
    });
    match (images.is_empty(), told) {
        (true, told) => {
            let told = told.unwrap_or_else(|| "images are JPEG or PNG files".to_owned());
            Err(Failure::BadInput(format!("error: {} holds no image: {told}", dir.display())))
        }
        (false, Some(told)) => {
            say::aside(format!("note: left out in {}: {told}", dir.display()));
            Ok(images)
        }
        (false, None) => Ok(images),
    }
}

/// What a file begins like; a file that cannot be read is nothing known.
fn content(path: &Path) -> Content {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head));
    if read.is_ok() { Content::of(&head) } else { Content::Unknown }
}

/// A photograph by the one reader of all commands.
///
/// # Errors
/// A sentence with the file and what to do.
pub(crate) fn photo(path: &Path) -> Result<RgbImage, Failure> {
    data::photo::read(path).map_err(|e| Failure::BadInput(format!("error: {} {e}", path.display())))
}
