//! What cells share, made ready once: data, decoded images, judges.

use std::path::Path;
use std::process::Command;

use config::RunConfig;
use data::Prepared;

use crate::JudgeKind;
use crate::failure::Failure;

/// Reads the configuration and brings data and decoded images into the cache.
pub(crate) fn load(config: &Path, cache: &Path) -> Result<(RunConfig, Prepared), Failure> {
    let run = RunConfig::load(config, &[])?;
    let step = std::sync::atomic::AtomicUsize::new(0);
    let prepared = data::prepare(&run.data, cache, &|done, total| {
        // A line per tenth: enough to see that it moves.
        let tenth = 10 * done / total.max(1);
        if step.swap(tenth, std::sync::atomic::Ordering::Relaxed) != tenth {
            tracing::info!("preparing images: {done}/{total}");
        }
    })?;
    Ok((run, prepared))
}

/// `resgan prepare`: data first with all cores, then both judges side by side, each in a process
/// of its own with the cell's number of threads, so that their weights do not depend on the
/// machine's number of cores.
pub(crate) fn run(config: &Path, cache: &Path) -> Result<(), Failure> {
    let (_, data) = load(config, cache)?;
    let split = &data.split;
    tracing::info!(
        "{} + {} training images, {} + {} test images (without + with the attribute)",
        split.train_negative.len(),
        split.train_positive.len(),
        split.test_negative.len(),
        split.test_positive.len()
    );
    let mut kinds = vec!["classifier"];
    if eval::judges::has_landmarks(&data) {
        kinds.push("landmarks");
    }
    let program = std::env::current_exe()?;
    let children = kinds
        .into_iter()
        .map(|kind| {
            let mut command = Command::new(&program);
            command.args(["judge", kind, "--config"]).arg(config).arg("--cache").arg(cache);
            Ok((kind, command.spawn()?))
        })
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    let mut failures = Vec::new();
    for (kind, mut child) in children {
        let status = child.wait()?;
        match status.code() {
            Some(0) => {}
            Some(75) => failures.push(Failure::Interrupted(format!("judge {kind} interrupted"))),
            Some(2) => failures.push(Failure::BadInput(format!("judge {kind}: bad input"))),
            _ => failures.push(Failure::Failed(format!("judge {kind} ended with {status}"))),
        }
    }
    failures.pop().map_or(Ok(()), Err)
}

/// `resgan judge`: one judge into the cache.
pub(crate) fn judge(kind: JudgeKind, config: &Path, cache: &Path) -> Result<(), Failure> {
    // The device first: it fixes the number of threads. The images are in the cache already.
    let device = backend::open(&RunConfig::load(config, &[])?.backend)?;
    let (run, data) = load(config, cache)?;
    let report = match kind {
        JudgeKind::Classifier => eval::judges::classifier(&run, &data, &device, cache)?.report,
        JudgeKind::Landmarks => {
            eval::judges::landmark_regressor(&run, &data, &device, cache)?.report
        }
    };
    for (name, value) in report.figures {
        tracing::info!("judge on real test images: {name} = {value:.4}");
    }
    Ok(())
}
