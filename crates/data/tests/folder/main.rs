//! Directories of images with a table, as users have them, sound and unsound.
#![allow(clippy::unwrap_used)]

mod columns;
mod files;
mod frames;
mod people;

use std::fs;
use std::path::Path;

use config::{Attribute, JudgedPart, RunConfig};
use data::{Collection, DataError};
use image::{Rgb, RgbImage};
use tempfile::TempDir;

/// A directory with images of this size, each of its own grey, and a table.
pub(crate) struct Home {
    dir: TempDir,
}

impl Home {
    pub(crate) fn new(
        table: &str,
        text: impl AsRef<[u8]>,
        images: &[&str],
        sides: [u32; 2],
    ) -> Home {
        let home = Home { dir: tempfile::tempdir().unwrap() };
        for (i, image) in images.iter().enumerate() {
            home.image(image, i as u8, sides);
        }
        home.write(table, text);
        home
    }

    /// Four squares, `a.png` to `d.png`, and `metadata.csv`.
    pub(crate) fn squares(text: &str) -> Home {
        Home::new("metadata.csv", text, &["a.png", "b.png", "c.png", "d.png"], [40, 40])
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A PNG, whatever its name.
    pub(crate) fn image(&self, name: &str, grey: u8, [width, height]: [u32; 2]) {
        let mut bytes = std::io::Cursor::new(Vec::new());
        RgbImage::from_pixel(width, height, Rgb([grey; 3]))
            .write_to(&mut bytes, image::ImageFormat::Png)
            .unwrap();
        self.write(name, bytes.into_inner());
    }

    pub(crate) fn settings(&self, more: &str) -> config::Data {
        let root = self.path().display();
        let text = format!("[data]\nsource = \"folder\"\nsize = 32\nroot = \"{root}\"\n{more}\n");
        RunConfig::from_toml(&text, "test").unwrap().data
    }

    pub(crate) fn open(&self, more: &str) -> Result<Collection, DataError> {
        data::open(&self.settings(more), &self.path().join(".cache"))
    }

    /// Read as squares.
    pub(crate) fn made(&self) -> Result<Collection, DataError> {
        self.open("crop = \"made\"")
    }

    pub(crate) fn refused(&self, more: &str) -> String {
        let error = self.open(more).unwrap_err();
        assert!(error.is_bad_input(), "{error}");
        error.to_string()
    }

    pub(crate) fn overview(&self, more: &str) -> String {
        let cache = self.path().join(".cache");
        data::overview(&self.settings(more), &cache).unwrap().to_string()
    }
}

/// A face's label by the attribute's name.
pub(crate) fn label(of: &Collection, face: &str, attribute: &str) -> Option<bool> {
    let place = of.columns.place(&Attribute::of(attribute)).unwrap();
    of.faces.iter().find(|known| known.id == face).unwrap().labels.get(place)
}

#[test]
fn a_folder_is_checked_prepared_and_its_pixels_are_those_of_its_files() {
    let rows: String = (0..24).map(|i| format!("img/{i}.png,{}\n", i % 2)).collect();
    let home = Home::new("metadata.csv", format!("file_name,Eyeglasses\n{rows}"), &[], [40, 40]);
    (0..24).for_each(|i| home.image(&format!("img/{i}.png"), i * 10, [40, 40]));
    let (data, cache) = (home.settings("crop = \"made\""), home.path().join(".cache"));
    let report = data::check(&data, JudgedPart::Test, &cache).unwrap();
    assert_eq!((report.split, report.decoded), ([9, 0, 3], 24));
    let prepared = data::prepare(&data, JudgedPart::Test, &cache, &|_, _| {}).unwrap();
    assert_eq!(prepared.faces.len(), 24);
    for (i, face) in prepared.faces.iter().enumerate() {
        let number: u8 = face.id["img/".len()..].trim_end_matches(".png").parse().unwrap();
        assert_eq!(prepared.images.image(i)[..3], [number * 10; 3]);
        assert_eq!(face.labels.get(0), Some(number % 2 == 1));
    }
    assert_eq!(data::fingerprint(&data, &cache).unwrap(), prepared.fingerprint);
}

#[test]
fn every_image_is_decoded_and_each_that_cannot_be_is_told_with_its_reason() {
    let home = Home::squares("file_name,hat\na.png,1\nb.png,0\nc.png,1\nd.png,0\n");
    let whole = fs::read(home.path().join("b.png")).unwrap();
    home.write("b.png", &whole[..whole.len() - 8]);
    home.write("d.png", "<!doctype html><html>");
    let data = home.settings("crop = \"made\"");
    let (count, damaged) = data::undecodable(&data, home.path(), &|_, _| {}).unwrap();
    let told: Vec<(String, &str)> =
        damaged.iter().map(|(origin, why)| (origin.to_string(), why.as_str())).collect();
    assert_eq!((count, told.len()), (4, 2));
    assert!(told[0].0.ends_with("/b.png") && told[0].1.contains("cut off"), "{told:?}");
    assert!(told[1].0.ends_with("/d.png") && told[1].1.contains("HTML page"), "{told:?}");
}
