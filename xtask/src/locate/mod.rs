//! `cargo xtask data locate`: faces that nobody has marked, found, and their points written into a copy of the
//! table.

mod part;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use clap::Args;
use config::RunConfig;
use data::{DataError, Mark, Unmarked, UnmarkedRow, photo};
use faces::{Detector, Glance};
use rayon::prelude::*;
use record::quoted;

use crate::failure::Failure;
use crate::pipe::{say, tell};
use crate::places;
use crate::progress::by_tenths;
use part::{Part, Photo};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Directory of the photographs, as data.root
    #[arg(long, value_name = "DIRECTORY")]
    root: String,
    /// Their table, as data.table: a path below the directory, or else from the working directory [default:
    /// looked for in the directory]
    #[arg(long)]
    table: Option<String>,
    /// The new table, which must not exist yet. It may lie anywhere
    #[arg(short, long, value_name = "TABLE")]
    output: PathBuf,
    /// Side of the crops that will be trained on, pixels, as data.size: a face needs half of it [default: that
    /// of configs/folder.toml]
    #[arg(long, value_name = "PIXELS")]
    size: Option<usize>,
    /// Photographs at a time [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

impl Arguments {
    fn data(&self) -> Result<config::Data, Failure> {
        // A JSON text is a TOML text.
        let text = |key: &str, value: &str| format!("data.{key}={}", serde_json::json!(value));
        let mut set = vec![text("root", &self.root)];
        set.extend(self.table.iter().map(|table| text("table", table)));
        set.extend(self.size.map(|size| format!("data.size={size}")));
        Ok(RunConfig::load(&places::run_config("folder")?, &set)?.data)
    }

    /// That nothing lies where the table will, and that something can.
    fn is_free(&self) -> Result<(), Failure> {
        let output = self.output.display();
        let home = self.output.parent().filter(|home| !home.as_os_str().is_empty());
        let problem = match home {
            _ if self.output.symlink_metadata().is_ok() => "exists, and is not overwritten",
            Some(home) if !home.is_dir() => "has no directory to lie in",
            _ if self.output.file_name().is_none() => "is no name of a file",
            _ => return Ok(()),
        };
        let help = "help: give another name with --output";
        Err(Failure::BadInput(format!("error: {output} {problem}\n{help}")))
    }
}

/// A photograph, its place in the table, and what it shows or why it cannot be read.
struct Looked<'a> {
    image: &'a str,
    line: usize,
    seen: Result<Glance, String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.is_free()?;
    let data = arguments.data()?;
    let unmarked =
        Unmarked::open(&data, &arguments.output).map_err(|error| refused(&data, error))?;
    unmarked.notes.iter().for_each(|note| tell(format!("note: {note}")));
    let part = Part::of(&arguments.output)?;
    let part = Mutex::new(part);
    let looked = look(&data, &unmarked, arguments.jobs, &part)?;
    let part = part.into_inner().unwrap_or_else(PoisonError::into_inner);
    if part.used() > 0 {
        tell(format!("{} of the photographs had been looked at by an earlier run", part.used()));
    }
    let mut told = Told::default();
    let marks: Vec<Mark> =
        looked.iter().map(|looked| told.mark(looked.as_ref(), data.size)).collect();
    if told.found == 0 {
        told.unusable.iter().for_each(|line| say!("{line}"));
        part.done();
        let text = format!(
            "error: none of {} photographs shows a face that can be used; nothing is written",
            told.unusable.len()
        );
        return Err(Failure::BadInput(text));
    }
    let table = unmarked.marked(&marks)?;
    // Hours may have passed.
    arguments.is_free()?;
    record::write_atomic(&arguments.output, &table).map_err(|e| {
        Failure::Failed(format!("error: cannot write {}: {e}", arguments.output.display()))
    })?;
    part.done();
    told.say(arguments, &unmarked.key);
    Ok(())
}

/// The error of a folder, and what this command cannot help with.
fn refused(data: &config::Data, error: DataError) -> Failure {
    let tableless = data.table.is_empty()
        && matches!(&error, DataError::Missing { .. })
        && Path::new(&data.root).is_dir();
    match (Failure::from(error), tableless) {
        (Failure::BadInput(text), true) => Failure::BadInput(format!(
            "{text}\nhelp: `data locate` finds faces; which of them have an attribute is what a table says"
        )),
        (failure, _) => failure,
    }
}

/// Looks at the photographs of all rows; not again at those that an earlier run has seen as they are. A row
/// without an image has nothing to look at.
fn look<'a>(
    data: &config::Data,
    unmarked: &'a Unmarked,
    jobs: Option<u16>,
    part: &Mutex<Part>,
) -> Result<Vec<Option<Looked<'a>>>, Failure> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.map_or(0, usize::from))
        .build()
        .map_err(|e| Failure::Failed(format!("error: cannot start threads: {e}")))?;
    let total = unmarked.rows.iter().filter(|row| row.image.is_some()).count();
    let (detector, progress, done) =
        (Detector::new(), by_tenths("photographs"), AtomicUsize::new(0));
    // A thread that panics ends the program anyway.
    let part = || part.lock().unwrap_or_else(PoisonError::into_inner);
    let one = |row: &'a UnmarkedRow| {
        let Some(image) = &row.image else { return Ok(None) };
        let photo = Photo::of(Path::new(&data.root).join(image));
        let known = part().known(&photo);
        let seen = match known {
            Some(seen) => Ok(seen),
            None => see(&detector, &photo.path),
        };
        if let Ok(seen) = &seen {
            part().note(&photo, seen)?;
        }
        progress(1 + done.fetch_add(1, Ordering::Relaxed), total);
        Ok(Some(Looked { image, line: row.line, seen }))
    };
    pool.install(|| unmarked.rows.par_iter().map(one).collect())
}

fn see(detector: &Detector, path: &Path) -> Result<Glance, String> {
    let photo = photo::read(path).map_err(|e| e.to_string())?;
    Ok(detector.glance(&photo))
}

/// What is said at the end.
#[derive(Default)]
struct Told {
    found: usize,
    several: usize,
    /// A line for each photograph that has no points.
    unusable: Vec<String>,
}

impl Told {
    fn mark(&mut self, looked: Option<&Looked<'_>>, size: usize) -> Mark {
        let Some(Looked { image, line, seen }) = looked else { return Mark::default() };
        let usable = match seen {
            Ok(glance) => glance.usable(size),
            Err(problem) => Err(problem.clone()),
        };
        match &usable {
            Ok(_) => self.found += 1,
            Err(reason) => {
                self.unusable.push(format!("{} (line {line}) {reason}", record::quotation(image)));
            }
        }
        let glance = seen.as_ref().ok();
        self.several +=
            usize::from(usable.is_ok() && glance.is_some_and(|glance| glance.faces > 1));
        Mark {
            points: usable.ok(),
            score: glance.and_then(|glance| glance.score),
            faces: glance.map(|glance| glance.faces),
        }
    }

    fn say(&self, arguments: &Arguments, key: &str) {
        let Told { found, several, unusable } = self;
        let total = found + unusable.len();
        unusable.iter().for_each(|line| say!("{line}"));
        say!(
            "{found} of {total} photographs have five points now, in {}",
            arguments.output.display()
        );
        if *several > 0 {
            say!("  {several} of them show several faces (faces_found): the largest was taken");
        }
        if !unusable.is_empty() {
            let count = unusable.len();
            say!("  {count} have none, as told above, and training leaves them out");
        }
        let mut set = vec![format!("data.root={}", arguments.root), format!("data.table={key}")];
        set.push("data.alignment=five-point".to_owned());
        set.extend(arguments.size.map(|size| format!("data.size={size}")));
        let set: Vec<String> = set.iter().map(|set| format!("--set {}", quoted(set))).collect();
        say!("train with: cargo xtask run folder {}", set.join(" "));
    }
}
