//! Trains, tests and times landmark models on dlib's imglab lists.
//!
//! ```text
//! cargo run --release -p ert --example ert -- train --data train.xml -o model.ert
//! cargo run --release -p ert --example ert -- test --model model.ert --data test.xml
//! cargo run --release -p ert --example ert -- bench --model model.ert --data test.xml
//! ```

// Standard output is what an example is for.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod imglab;

use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, Parser, Subcommand};
use ert::{Ert, Options};

#[derive(Parser)]
#[command(about = "Ensembles of regression trees on dlib's imglab lists")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a model; prints the seconds of training without reading images
    Train {
        /// imglab XML
        #[arg(long)]
        data: PathBuf,
        /// Model to write; a name ending in .dat gets dlib's format
        #[arg(short, long)]
        output: PathBuf,
        #[command(flatten)]
        options: TrainOptions,
    },
    /// Mean error in pixels over all points of a list
    Test {
        /// Model of this crate or of dlib
        #[arg(long)]
        model: PathBuf,
        /// imglab XML
        #[arg(long)]
        data: PathBuf,
        /// Also write a CSV: image file, box, part, x, y
        #[arg(long)]
        predictions: Option<PathBuf>,
    },
    /// Microseconds per detection on one thread
    Bench {
        /// Model of this crate or of dlib
        #[arg(long)]
        model: PathBuf,
        /// imglab XML
        #[arg(long)]
        data: PathBuf,
    },
}

#[derive(Args)]
struct TrainOptions {
    #[arg(long, default_value_t = Options::default().cascade_depth)]
    cascade_depth: usize,
    #[arg(long, default_value_t = Options::default().trees_per_cascade)]
    trees_per_cascade: usize,
    #[arg(long, default_value_t = Options::default().tree_depth)]
    tree_depth: usize,
    #[arg(long, default_value_t = Options::default().nu)]
    nu: f64,
    #[arg(long, default_value_t = Options::default().oversampling)]
    oversampling: usize,
    #[arg(long, default_value_t = Options::default().translation_jitter)]
    translation_jitter: f64,
    #[arg(long, default_value_t = Options::default().feature_pool)]
    feature_pool: usize,
    #[arg(long, default_value_t = Options::default().test_splits)]
    test_splits: usize,
    #[arg(long, default_value_t = Options::default().lambda)]
    lambda: f64,
    #[arg(long, default_value_t = Options::default().padding)]
    padding: f64,
    #[arg(long, default_value_t = Options::default().seed)]
    seed: u64,
}

impl From<TrainOptions> for Options {
    fn from(o: TrainOptions) -> Self {
        Self {
            cascade_depth: o.cascade_depth,
            trees_per_cascade: o.trees_per_cascade,
            tree_depth: o.tree_depth,
            nu: o.nu,
            oversampling: o.oversampling,
            translation_jitter: o.translation_jitter,
            feature_pool: o.feature_pool,
            test_splits: o.test_splits,
            lambda: o.lambda,
            padding: o.padding,
            seed: o.seed,
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    match Cli::parse().command {
        Command::Train { data, output, options } => train(&data, &output, &options.into()),
        Command::Test { model, data, predictions } => test(&model, &data, predictions.as_deref()),
        Command::Bench { model, data } => bench(&model, &data),
    }
}

fn train(data: &Path, output: &Path, options: &Options) -> Result<(), Box<dyn Error>> {
    let data = imglab::read(data)?;
    let start = Instant::now();
    let ert = ert::train(&data.images, &data.samples, options, &|done, total| {
        if done % total.div_ceil(10) == 0 {
            eprintln!("{done} of {total} trees, {:.1} s", start.elapsed().as_secs_f64());
        }
    })?;
    println!("samples {}", data.samples.len());
    println!("train_seconds {:.3}", start.elapsed().as_secs_f64());
    let dlib = output.extension().is_some_and(|extension| extension == "dat");
    std::fs::write(output, if dlib { ert.to_dlib() } else { ert.to_bytes() })?;
    Ok(())
}

fn load(model: &Path) -> Result<Ert, Box<dyn Error>> {
    let bytes = std::fs::read(model).map_err(|e| format!("{}: {e}", model.display()))?;
    let ours = bytes.starts_with(b"ertmodel");
    Ok(if ours { Ert::from_bytes(&bytes)? } else { Ert::from_dlib(&bytes)? })
}

fn test(model: &Path, data: &Path, output: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let (ert, data) = (load(model)?, imglab::read(data)?);
    let (mut csv, mut total, mut points) = (String::from("image,box,part,x,y\n"), 0.0, 0);
    for (index, sample) in data.samples.iter().enumerate() {
        let found = ert.detect(&data.images[sample.image], &sample.rect);
        for (part, [x, y]) in found.iter().enumerate() {
            writeln!(csv, "{},{index},{part},{x},{y}", data.names[sample.image])?;
        }
        for (found, truth) in found.iter().zip(&sample.shape) {
            total += f64::from((found[0] - truth[0]).hypot(found[1] - truth[1]));
            points += 1;
        }
    }
    println!("mean_error_pixels {:.4}", total / f64::from(points.max(1)));
    if let Some(output) = output {
        std::fs::write(output, csv)?;
    }
    Ok(())
}

fn bench(model: &Path, data: &Path) -> Result<(), Box<dyn Error>> {
    let (ert, data) = (load(model)?, imglab::read(data)?);
    if data.samples.is_empty() {
        return Err("the list has no boxes".into());
    }
    let pass = || {
        let start = Instant::now();
        for sample in &data.samples {
            black_box(ert.detect(&data.images[sample.image], &sample.rect));
        }
        start.elapsed().as_secs_f64() * 1e6 / data.samples.len() as f64
    };
    // The fastest of several passes is the least disturbed one.
    let best = (0..5).map(|_| pass()).fold(f64::INFINITY, f64::min);
    println!("detect_microseconds {best:.2}");
    Ok(())
}
