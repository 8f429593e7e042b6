//! `cargo xtask data`: data sets before any training.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use config::RunConfig;

use crate::failure::Failure;
use crate::pipe::say;
use crate::progress::by_tenths;
use crate::{locate, places};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Say how the annotations are understood, draw the split, decode a sample of the images
    Check {
        #[command(flatten)]
        source: Source,
        /// Decode every image and list those that cannot be used
        #[arg(long)]
        all: bool,
    },
    /// Decode and crop the images of a run into the cache
    Prepare(Source),
    /// Find the face in every photograph of a folder, and write its table again with five points for each
    Locate(locate::Arguments),
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
    /// Run configuration: a path, or a name in configs/ [default: that of --source, else quickstart]
    config: Option<String>,
    /// Where faces come from, as --set data.source=WORD
    #[arg(long, value_name = "WORD", value_parser = word)]
    source: Option<config::Source>,
    /// Directory of the data set, as --set data.root=DIRECTORY
    #[arg(long, value_name = "DIRECTORY")]
    root: Option<String>,
    /// Set a key, e.g. --set data.root=DIRECTORY
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl Source {
    fn run(&self) -> Result<RunConfig, Failure> {
        let named = self.source.map(config::Source::name);
        let config = self.config.as_deref().or(named).unwrap_or("quickstart");
        let mut set: Vec<String> =
            named.iter().map(|word| format!("data.source=\"{word}\"")).collect();
        // A JSON text is a TOML text, whatever characters a directory has.
        set.extend(self.root.iter().map(|root| format!("data.root={}", serde_json::json!(root))));
        set.extend_from_slice(&self.set);
        Ok(RunConfig::load(&places::run_config(config)?, &set)?)
    }
}

fn word(given: &str) -> Result<config::Source, String> {
    let found = config::Source::ALL.iter().find(|source| source.name() == given);
    found.copied().ok_or_else(|| format!("it is one of {}", config::Source::WORDS.join(", ")))
}

/// Every image, and a line for each that cannot be used.
fn decode_all(run: &RunConfig, cache: &Path) -> Result<(), Failure> {
    let (count, damaged) = data::undecodable(&run.data, cache, &by_tenths("images"))?;
    for (origin, reason) in &damaged {
        say!("{origin} {reason}");
    }
    match damaged.len() {
        0 => {
            say!("  all {count} images can be decoded");
            Ok(())
        }
        bad => Err(Failure::Failed(format!(
            "error: {bad} of {count} images cannot be used; replace them, or delete them (a face without an \
             image is left out)"
        ))),
    }
}

pub(crate) fn run(command: &Command, results: &Path) -> Result<(), Failure> {
    let cache = places::cache(results);
    match command {
        Command::Check { source, all } => {
            let run = source.run()?;
            // First what is understood, so that a refusal is read beside it.
            say!("{}", data::overview(&run.data, &cache)?.to_string().trim_end());
            if *all {
                decode_all(&run, &cache)?;
            }
            say!("{}", data::check(&run.data, run.eval.part, &cache)?);
        }
        Command::Prepare(source) => {
            let (run, told) = (source.run()?, by_tenths("images"));
            let prepared = data::prepare(&run.data, run.eval.part, &cache, &told)?;
            say!("{} images are in {}", prepared.faces.len(), cache.display());
        }
        Command::Locate(arguments) => locate::run(arguments)?,
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
