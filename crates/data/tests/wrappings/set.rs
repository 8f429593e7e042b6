//! The data set: 24 faces in CelebA's layout, and what preparation makes of it.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;

use config::{Attribute, JudgedPart, RunConfig};
use data::{DataError, Part, Prepared};
use image::{ImageFormat, Rgb, RgbImage};

pub(crate) const COUNT: usize = 24;

/// Columns of labels.
pub(crate) const ATTRIBUTES: [&str; 3] = ["Eyeglasses", "Male", "Young"];

/// One face; `number` counts from 1.
#[derive(Clone)]
pub(crate) struct Photo {
    pub(crate) number: usize,
    pub(crate) jpeg: Vec<u8>,
}

impl Photo {
    pub(crate) fn name(&self) -> String {
        format!("{:06}.jpg", self.number)
    }

    pub(crate) fn label(&self, attribute: usize) -> bool {
        self.number.is_multiple_of(attribute + 2)
    }

    /// 0, 1, 2: half the faces train, a quarter validates, a quarter tests.
    pub(crate) fn part(&self) -> usize {
        (2 * self.number - 1) / COUNT + usize::from(self.number > 3 * COUNT / 4)
    }

    pub(crate) fn person(&self) -> usize {
        1 + self.number / 3
    }

    /// The same pixels in a PNG.
    pub(crate) fn png(&self) -> Vec<u8> {
        let image = image::load_from_memory(&self.jpeg).unwrap();
        encoded(&image.into_rgb8(), ImageFormat::Png)
    }
}

pub(crate) fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn photos() -> Vec<Photo> {
    static MADE: LazyLock<Vec<Photo>> = LazyLock::new(made);
    MADE.clone()
}

fn made() -> Vec<Photo> {
    let picture = |number: usize| {
        RgbImage::from_fn(178, 218, |x, y| {
            let wave = |a: f32, b: f32| {
                (127.0 + 100.0 * (a * x as f32 + b * y as f32 + number as f32).sin()) as u8
            };
            Rgb([wave(0.05, 0.02), wave(0.02, 0.04), wave(0.03, -0.03)])
        })
    };
    let photo = |number| Photo { number, jpeg: encoded(&picture(number), ImageFormat::Jpeg) };
    (1..=COUNT).map(photo).collect()
}

const POINTS: &str = "lefteye_x,lefteye_y,righteye_x,righteye_y,nose_x,nose_y,leftmouth_x,leftmouth_y,rightmouth_x,\
     rightmouth_y";

/// The four lists by name, as CelebA writes them (`.txt`) or as Kaggle does (`.csv`).
pub(crate) fn lists(extension: &str) -> Vec<(String, String)> {
    let csv = extension == "csv";
    let photos = photos();
    let rows = |row: &dyn Fn(&Photo) -> String| -> String {
        let line = |photo: &Photo| format!("{},{}\n", photo.name(), row(photo));
        photos.iter().map(line).collect()
    };
    let labels =
        rows(&|photo| [0, 1, 2].map(|a| if photo.label(a) { "1" } else { "-1" }).join(","));
    let parts = rows(&|photo| photo.part().to_string());
    let people = rows(&|photo| photo.person().to_string());
    let points = rows(&|photo| {
        format!(
            "{},111,107,111,87,134,71,151,105,{}",
            69 + photo.number % 3,
            150 + photo.number % 4
        )
    });
    let lists = [
        ("list_attr_celeba", ATTRIBUTES.join(","), labels),
        ("list_eval_partition", "partition".to_owned(), parts),
        ("identity_CelebA", "identity".to_owned(), people),
        ("list_landmarks_align_celeba", POINTS.to_owned(), points),
    ];
    lists
        .map(|(name, header, rows)| {
            let text = match (csv, header.contains(',')) {
                (true, _) => format!("image_id,{header}\n{rows}"),
                (false, true) => format!("{COUNT}\n{header}\n{rows}").replace(',', " "),
                (false, false) => rows.replace(',', " "),
            };
            (format!("{name}.{extension}"), text)
        })
        .into()
}

/// Writes the four lists.
pub(crate) fn write_lists(root: &Path, extension: &str) {
    fs::create_dir_all(root).unwrap();
    for (name, text) in lists(extension) {
        fs::write(root.join(name), text).unwrap();
    }
}

/// Writes the images into a directory.
pub(crate) fn write_images(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    for photo in photos() {
        fs::write(dir.join(photo.name()), photo.jpeg).unwrap();
    }
}

pub(crate) fn settings(root: &Path, text: &str) -> config::Data {
    let root = root.display();
    let text = format!("[data]\nsource = \"celeba\"\nsize = 32\nroot = \"{root}\"\n{text}");
    RunConfig::from_toml(&text, "test").unwrap().data
}

pub(crate) fn prepare(root: &Path, text: &str) -> Result<Prepared, DataError> {
    let data = settings(root, text);
    let cache = tempfile::tempdir().unwrap();
    data::prepare(&data, JudgedPart::Test, cache.path(), &|_, _| {})
}

pub(crate) fn refused(root: &Path) -> String {
    let error = prepare(root, "").unwrap_err();
    assert!(error.is_bad_input(), "{error}");
    error.to_string()
}

/// What `data check` notes.
pub(crate) fn notes(root: &Path) -> Vec<String> {
    let cache = tempfile::tempdir().unwrap();
    data::check(&settings(root, ""), JudgedPart::Test, cache.path()).unwrap().notes
}

pub(crate) fn noted(root: &Path, text: &str) {
    let notes = notes(root);
    assert!(notes.iter().any(|note| note.contains(text)), "{text}: {notes:#?}");
}

/// Everything of a face that a run uses.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) id: String,
    labels: Vec<Option<bool>>,
    pub(crate) part: Part,
    pub(crate) identity: Option<String>,
    pub(crate) landmarks: Option<data::Landmarks>,
    pixels: Vec<u8>,
}

pub(crate) fn seen(prepared: &Prepared) -> Vec<Seen> {
    let faces = prepared.faces.iter().enumerate();
    faces
        .map(|(i, face)| Seen {
            id: face.id.trim_end_matches(".jpg").to_owned(),
            labels: ATTRIBUTES
                .iter()
                .map(|name| face.labels.get(prepared.columns.place(&Attribute::of(name)).unwrap()))
                .collect(),
            part: face.part,
            identity: face.identity.clone(),
            landmarks: face.landmarks,
            pixels: prepared.images.image(i).to_vec(),
        })
        .collect()
}

/// The plain directory.
pub(crate) fn plain(root: &Path) {
    write_images(&root.join("img_align_celeba"));
    write_lists(root, "txt");
}

/// What the plain directory gives.
pub(crate) fn expected(text: &str) -> (Vec<Seen>, data::Split) {
    let dir = tempfile::tempdir().unwrap();
    plain(dir.path());
    let prepared = prepare(dir.path(), text).unwrap();
    (seen(&prepared), prepared.split)
}

/// Whether a wrapping gives what the plain directory does, under both rules of the split.
pub(crate) fn same(root: &Path) {
    for text in ["", "split = \"official\""] {
        let prepared = prepare(root, text).unwrap_or_else(|e| panic!("{e}"));
        let (faces, split) = expected(text);
        assert_eq!(seen(&prepared), faces);
        assert_eq!(prepared.split, split);
    }
}
