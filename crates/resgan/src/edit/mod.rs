//! `resgan edit`: faces in photographs through the generators of trained cells.

mod cells;
mod inputs;
mod lay;
mod names;
mod progress;
mod survey;
mod told;

use std::path::{Path, PathBuf};

use clap::Args;
use faces::Detector;

use crate::failure::Failure;
use crate::{picture, say};
use cells::Editor;
pub(crate) use inputs::photo;
use names::{Suffix, target};
use progress::Progress;
use survey::{Choice, Photo, Spot, Survey};
use told::Told;

/// Which way, on what, how strongly.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Directory of a trained cell (`results/<experiment>/cells/<id>`). Several edit side by side: a file for each,
    /// with the cell's id in its name
    #[arg(long, required = true)]
    checkpoint: Vec<PathBuf>,
    /// Several cells edit one after the other instead, in the order given, each what the one before has
    /// made: attributes together in one file. All go the same way; to add one and remove another, edit twice
    #[arg(long)]
    chain: bool,
    /// Add the attribute (G0)
    #[arg(long, conflicts_with = "remove", required_unless_present = "remove")]
    add: bool,
    /// Remove the attribute (G1)
    #[arg(long)]
    remove: bool,
    /// Photographs, JPEG or PNG, and directories of them. Faces are found in them, and the edit is laid over the
    /// photograph at its own size
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// Directory for the edited images: a.jpg becomes a.png. Names that would collide are refused, and so
    /// is an output that exists and is no earlier edit
    #[arg(short, long)]
    output: PathBuf,
    /// Multiplies the residual: x + g r, g from 0 to 2. Several, as 0.5,1,1.5, make a file each: a-g0.5.png
    #[arg(long, default_value = "1", value_delimiter = ',', value_parser = strength)]
    strength: Vec<f32>,
    /// Edit only these faces of every photograph, as 2 or 1,3; the largest is 1. Without it: all
    #[arg(long, value_delimiter = ',', value_parser = number, conflicts_with = "aligned")]
    face: Vec<usize>,
    /// The images are crops of training already, square or CelebA's 178 x 218: no face is looked for
    #[arg(long)]
    aligned: bool,
    /// Write what the network sees and makes of each face, at its own size: a-face1.png
    #[arg(long, conflicts_with = "grid")]
    crop: bool,
    /// Write one picture per image instead, a row per face: before, then change and after for every cell and
    /// strength: a-grid.png
    #[arg(long)]
    grid: bool,
    /// Print a JSON object per written file, with faces, points, strengths and cells, instead of its name
    #[arg(long)]
    json: bool,
}

fn strength(text: &str) -> Result<f32, String> {
    match text.trim().parse::<f32>() {
        // Not -0, which would be another name for 0.
        Ok(g) if (0.0..=2.0).contains(&g) => Ok(g.abs()),
        _ => Err("a strength lies between 0 and 2".to_owned()),
    }
}

fn number(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("faces are numbered from 1, the largest".to_owned()),
    }
}

/// Bytes of pixels that are kept between looking and editing; what is beyond them is decoded twice.
const KEPT: usize = 512 << 20;

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { checkpoint, output, strength, .. } = arguments;
    if let Some((at, g)) = strength.iter().enumerate().find(|(at, g)| strength[..*at].contains(g)) {
        let text = format!("error: --strength names {g} twice, at places {} and before", at + 1);
        return Err(Failure::BadInput(text));
    }
    let editors = cells::open(checkpoint, arguments.add, arguments.aligned)?;
    let images = inputs::expanded(&arguments.images)?;
    names::distinct(&images, output)?;
    let job = Job::new(arguments, &editors);
    // Only how many faces there are is not known yet.
    let counted = arguments.crop && !arguments.aligned;
    if !counted {
        let targets = images.iter().flat_map(|image| job.files(image, &[Spot::Crop((1, 1))]));
        names::writable(targets.map(|file| file.path), &images)?;
    }
    // Every image is read and looked at before the first is written.
    let detector = (!arguments.aligned).then(Detector::new);
    let choice = Choice { detector: detector.as_ref(), faces: &arguments.face, editors: &editors };
    let mut progress = Progress::new("looked at", images.len());
    let (mut surveys, mut kept) = (Vec::new(), 0);
    for path in &images {
        let photo = Photo::read(path)?;
        let survey = choice.of(&photo.pixels);
        kept += photo.pixels.len();
        surveys.push((path, survey, (kept <= KEPT).then_some(photo)));
        progress.step();
    }
    if counted {
        let targets = surveys.iter().flat_map(|(path, survey, _)| job.files(path, &survey.spots));
        names::writable(targets.map(|file| file.path), &images)?;
    }
    let failed = surveys.iter().filter(|(_, survey, _)| survey.problem.is_some()).count();
    if failed < images.len() {
        std::fs::create_dir_all(output).map_err(|e| {
            Failure::BadInput(format!("error: --output {} cannot be made: {e}", output.display()))
        })?;
    }
    let mut progress = Progress::new("edited", images.len());
    let mut told = Ok(true);
    for (path, Survey { spots, asides, warnings, problem }, photo) in surveys {
        for warning in warnings {
            say::aside(format!("warning: {}: {warning}", path.display()));
        }
        for aside in asides {
            say::aside(format!("note: {}: {aside}; it is left as it was", path.display()));
        }
        if let Some(problem) = problem {
            say::aside(format!("error: {} {problem}", path.display()));
        } else {
            let photo = photo.map_or_else(|| Photo::read(path), Ok)?;
            // Every image is written, whatever becomes of the words.
            told = told.and(job.edit(path, photo, &spots)?);
        }
        progress.step();
    }
    match failed {
        0 => told.map(drop),
        _ => Err(Failure::BadInput(format!(
            "error: {failed} of {} image(s) not edited",
            images.len()
        ))),
    }
}

/// What is made of every image.
struct Job<'a> {
    arguments: &'a Arguments,
    /// Cells that edit one after the other, once per file.
    variants: Vec<Vec<&'a Editor>>,
}

/// A file to be written: which cells, how strongly, which of the faces.
struct Planned {
    path: PathBuf,
    /// Places in variants and strengths; all of them in a grid.
    made: Vec<(usize, f32)>,
    /// The place of the face of a crop.
    spot: Option<usize>,
}

impl<'a> Job<'a> {
    fn new(arguments: &'a Arguments, editors: &'a [Editor]) -> Job<'a> {
        let variants = match arguments.chain {
            true => vec![editors.iter().collect()],
            false => editors.iter().map(|editor| vec![editor]).collect(),
        };
        Job { arguments, variants }
    }

    /// The files of an image; `spots` count for crops alone.
    fn files(&self, image: &Path, spots: &[Spot]) -> Vec<Planned> {
        let Arguments { output, strength, crop, grid, .. } = self.arguments;
        let all = (0..self.variants.len()).flat_map(|at| strength.iter().map(move |g| (at, *g)));
        let all: Vec<(usize, f32)> = all.collect();
        if *grid {
            let suffix = Suffix { grid: true, ..Suffix::default() };
            return vec![Planned { path: target(image, output, &suffix), made: all, spot: None }];
        }
        let places: Vec<Option<usize>> = match crop {
            true => (0..spots.len()).map(Some).collect(),
            false => vec![None],
        };
        let mut files = Vec::new();
        for (at, g) in all {
            for &spot in &places {
                let suffix = Suffix {
                    cell: (self.variants.len() > 1).then(|| self.variants[at][0].id.clone()),
                    strength: (strength.len() > 1).then_some(g),
                    face: spot.and_then(|spot| spots[spot].number()),
                    grid: false,
                };
                let path = target(image, output, &suffix);
                files.push(Planned { path, made: vec![(at, g)], spot });
            }
        }
        files
    }

    /// Edits an image and writes its files; the inner result is what became of the words.
    fn edit(
        &self,
        path: &Path,
        photo: Photo,
        spots: &[Spot],
    ) -> Result<Result<bool, Failure>, Failure> {
        let Photo { pixels, metadata } = photo;
        let mut told = Ok(true);
        for Planned { path: target, made, spot } in self.files(path, spots) {
            let spots = spot.map_or(spots, |spot| std::slice::from_ref(&spots[spot]));
            let first = self.variants[made[0].0][0];
            let crop = spot.map(|_| lay::view(&pixels, &spots[0], first));
            let (before, places) = match &crop {
                Some(view) => (view, &[Spot::Crop(view.dimensions())][..]),
                None => (&pixels, spots),
            };
            let edit = |&(at, g): &(usize, f32)| lay::edited(before, places, &self.variants[at], g);
            let mut edits: Vec<_> = made.iter().map(edit).collect();
            let picture = match self.arguments.grid {
                true => lay::grid(before, &edits, places, first),
                false => edits.pop().expect("a file has an edit"),
            };
            let bytes = picture::encode(&picture, &metadata, &self.how(&made))?;
            record::write_atomic(&target, &bytes).map_err(|e| {
                Failure::Infrastructure(format!("error: cannot write {}: {e}", target.display()))
            })?;
            let said = match self.arguments.json {
                true => say::line(Told::of(path, &target, spots, &made, &self.variants).line()),
                false => say::line(target.display()),
            };
            told = told.and(said);
        }
        Ok(told)
    }

    /// What the file says of how it was made.
    fn how(&self, made: &[(usize, f32)]) -> String {
        let one = |&(at, g): &(usize, f32)| {
            let steps = &self.variants[at];
            let steps: Vec<String> =
                steps.iter().map(|editor| format!("cell {}: {}", editor.id, editor.what)).collect();
            format!("{}, strength {g}", steps.join(", "))
        };
        made.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}
