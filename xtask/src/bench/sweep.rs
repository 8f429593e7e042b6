//! A whole small ablation, from JPEG files to trained generators, by the clock.
//!
//! The PyTorch script trains the same cells from the same files and nothing else. Ours also judges,
//! checkpoints, compares and plots, so that the ratio is a lower bound.

use std::process::{Command, Stdio};
use std::time::Instant;

use config::BackendKind;
use serde_json::json;

use super::server::{median, ratios};
use super::workbench::{Bench, Found, finish};
use crate::failure::Failure;

const FACES: usize = 1000;
const STEPS: usize = 150;

pub(super) fn run(bench: &Bench) -> Result<Found, Failure> {
    let run = super::data::faces(bench, 32, FACES)?;
    let folder = bench.scratch.0.join("ablation");
    let cannot = |e: std::io::Error| Failure::Failed(format!("error: {e}"));
    std::fs::create_dir_all(&folder).map_err(cannot)?;
    let base = format!(
        "[data]\nsource = \"celeba\"\nroot = {:?}\nsize = 32\ntest_per_class = 50\n\
         attribute = \"male\"\n[model]\nwidth = 16\nupsample = \"nearest-conv\"\n[losses]\nalpha = 1e-3\n\
         [train]\nbatch = 16\nsteps = {STEPS}\n\
         [eval]\nclassifier_steps = 20\nlandmark_steps = 20\nlandmark_images = 100\nert_trees = 10\n\
         ert_cascade_depth = 2\nert_oversampling = 2\nidentity_steps = 10\n",
        run.data.root
    );
    std::fs::write(folder.join("base.toml"), base).map_err(cannot)?;
    let sweep = "question = \"How long does an ablation take?\"\nbase = \"base.toml\"\nseeds = [1, 2]\n\
                 [factors]\n\"losses.dual\" = [\"adversarial\", \"none\"]\n\
                 [compare]\nfactor = \"losses.dual\"\nbaseline = \"none\"\n";
    let experiment = folder.join("ablation.toml");
    std::fs::write(&experiment, sweep).map_err(cannot)?;

    let cells = cells(bench, &folder)?;
    let mut times: Vec<(String, Vec<f64>)> = Vec::new();
    let rounds = usize::from(bench.arguments.rounds).min(3);
    for round in 0..rounds {
        for variant in ["eager", "channels_last"] {
            // One process with all threads, or one process per core with one thread.
            for at_once in [1, bench.arguments.threads()] {
                let mut peer = bench.peer("ablation", &cells)?;
                peer.args(["--variant", variant, "--at-once", &at_once.to_string()]);
                let name = format!("torch {variant}, {at_once} at a time");
                record(&mut times, &name, timed(peer, "PyTorch")?);
            }
        }
        for &kind in bench.kinds.iter().filter(|kind| **kind != BackendKind::Wgpu) {
            let results = folder.join(format!("results-{kind}-{round}"));
            let mut command = Command::new(std::env::current_exe().map_err(cannot)?);
            command.arg("--results").arg(&results).arg("run").arg(&experiment);
            command.args(["--backend", kind.name(), "--worker"]).arg(&bench.worker);
            command.args(["--jobs", &bench.arguments.threads().to_string()]);
            record(&mut times, kind.name(), timed(command, "the sweep")?);
        }
    }
    let theirs = times.iter().filter(|(name, _)| name.starts_with("torch"));
    let Some(best) = theirs.min_by(|a, b| median(&a.1).total_cmp(&median(&b.1))) else {
        return Err(Failure::Failed("error: nothing was measured".to_owned()));
    };
    let rows = times.iter().map(|(name, seconds)| {
        let [ratio, least, most] = ratios(&best.1, seconds);
        let range = format!("{least:.2} to {most:.2}");
        vec![name.clone(), format!("{:.1}", median(seconds)), format!("{ratio:.2}"), range]
    });
    let objects = times.iter().filter(|(name, _)| !name.starts_with("torch")).map(|(name, s)| {
        let [ratio, least, most] = ratios(&best.1, s);
        json!({
            "backend": name, "peer": best.0, "ratio_median": ratio, "ratio_min": least,
            "ratio_max": most, "seconds": median(s), "peer_seconds": median(&best.1),
        })
    });
    Ok(Found {
        name: "sweep",
        header: vec!["program", "seconds", "ratio", "range"],
        rows: rows.collect(),
        json: json!({ "rows": objects.collect::<Vec<_>>() }),
    })
}

/// A folder per cell for the PyTorch side: configuration and initial weights.
fn cells(bench: &Bench, folder: &std::path::Path) -> Result<std::path::PathBuf, Failure> {
    let cells = folder.join("cells");
    for (arm, dual) in ["adversarial", "none"].into_iter().enumerate() {
        for seed in [1, 2] {
            let set = [format!("losses.dual=\"{dual}\""), format!("train.seed={seed}")];
            let run = config::RunConfig::load(&folder.join("base.toml"), &set)?;
            let config = bench.config(&format!("cell-{arm}-{seed}"), &run, BackendKind::Flex)?;
            let mut files = bench.ours("files", &config);
            files.arg("--dir").arg(cells.join(format!("{arm}-{seed}")));
            finish(files, "the worker")?;
        }
    }
    Ok(cells)
}

fn timed(mut command: Command, name: &str) -> Result<f64, Failure> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    finish(command, name)?;
    Ok(start.elapsed().as_secs_f64())
}

fn record(times: &mut Vec<(String, Vec<f64>)>, name: &str, seconds: f64) {
    eprintln!("  {name}: {seconds:.1} s");
    match times.iter_mut().find(|(known, _)| known == name) {
        Some((_, found)) => found.push(seconds),
        None => times.push((name.to_owned(), vec![seconds])),
    }
}
