//! `cargo xtask data`: data sets before any training.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Args, Subcommand};
use config::RunConfig;

use crate::failure::Failure;
use crate::pipe::say;
use crate::places;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Read every annotation, draw the split, decode a sample of the images
    Check(Source),
    /// Decode and crop the images of a run into the cache
    Prepare(Source),
    /// Draw synthetic faces with their annotations, in CelebA's layout
    Synth {
        /// Directory to write
        #[arg(short, long)]
        output: PathBuf,
        /// Number of faces
        #[arg(long, default_value_t = 1000)]
        count: usize,
        /// Seed
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Correlation between attributes, 0 to 1
        #[arg(long, default_value_t = 0.5)]
        correlation: f64,
    },
}

#[derive(Args)]
pub(crate) struct Source {
    /// Run configuration: a path, or a name in configs/
    #[arg(default_value = "quickstart")]
    config: String,
    /// Set a key, e.g. --set data.root=DIRECTORY
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl Source {
    fn run(&self) -> Result<RunConfig, Failure> {
        Ok(RunConfig::load(&places::run_config(&self.config)?, &self.set)?)
    }
}

pub(crate) fn run(command: &Command, results: &Path) -> Result<(), Failure> {
    let cache = places::cache(results);
    match command {
        Command::Check(source) => {
            let run = source.run()?;
            say!("{}", data::check(&run.data, run.eval.part, &cache)?);
        }
        Command::Prepare(source) => {
            let (run, told) = (source.run()?, by_tenths("images"));
            let prepared = data::prepare(&run.data, run.eval.part, &cache, &told)?;
            say!("{} images are in {}", prepared.faces.len(), cache.display());
        }
        Command::Synth { output, count, seed, correlation } => {
            if !(0.0..=1.0).contains(correlation) || *count == 0 {
                let text = "error: --correlation lies between 0 and 1, --count is at least 1";
                return Err(Failure::BadInput(text.to_owned()));
            }
            let spec =
                data::synthetic::Spec { count: *count, seed: *seed, correlation: *correlation };
            data::synthetic::write(output, &spec, &by_tenths("faces"))
                .map_err(data::DataError::from)?;
            say!("{count} faces are in {}", output.display());
        }
    }
    Ok(())
}

/// Progress as one line per tenth on standard error.
fn by_tenths(what: &str) -> impl Fn(usize, usize) {
    let last = AtomicUsize::new(0);
    move |done, total| {
        let tenth = 10 * done / total.max(1);
        if last.swap(tenth, Ordering::Relaxed) != tenth {
            eprintln!("{what}: {done}/{total}");
        }
    }
}
