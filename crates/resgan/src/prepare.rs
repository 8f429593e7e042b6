//! What cells share, made ready once: data, decoded images, judges.

use std::collections::VecDeque;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use config::{JudgedPart, RunConfig};
use data::Prepared;
use eval::Judge;
use eval::judges::JudgedList;
use record::Exit;

use crate::failure::Failure;

/// The configuration of a run: what is trained as the file says, judged as the file that was left beside
/// it in the cell's directory says, if there is one.
pub(crate) fn configured(config: &Path, cell: Option<&Path>) -> Result<RunConfig, Failure> {
    let run = RunConfig::load(config, &[])?;
    let dir = cell.or(config.parent()).unwrap_or(Path::new("."));
    let path = dir.join(record::JUDGE_CONFIG);
    if !path.is_file() {
        return Ok(run);
    }
    let judge = RunConfig::load(&path, &[])?;
    match judge.id_payload() == run.id_payload() {
        true => Ok(RunConfig { eval: judge.eval, ..run }),
        // Left by another training of the same place.
        false => Ok(run),
    }
}

/// The hash of how a run is judged.
pub(crate) fn judgement_hash(run: &RunConfig, cache: &Path) -> Result<String, Failure> {
    let fingerprint =
        |data: &config::Data| data::fingerprint(data, cache).map_err(|error| error.to_string());
    run.judgement_hash(&fingerprint).map_err(|why| Failure::BadInput(format!("error: {why}")))
}

/// Faces of another source, if those are judged, brought into the cache.
pub(crate) fn judged(
    run: &RunConfig,
    data: &Prepared,
    cache: &Path,
) -> Result<Option<Prepared>, Failure> {
    Ok(data::prepare_judged(run, data, cache, &by_tenths())?)
}

/// Brings data and decoded images into the cache.
pub(crate) fn load(run: &RunConfig, cache: &Path) -> Result<Prepared, Failure> {
    let prepared = data::prepare(&run.data, run.eval.part, cache, &by_tenths())?;
    // What judges are asked for, before any is trained.
    JudgedList::of(run, &prepared)?;
    drawable(run, &prepared)?;
    Ok(prepared)
}

/// A line per tenth: enough to see that it moves.
fn by_tenths() -> impl Fn(usize, usize) {
    let step = AtomicUsize::new(0);
    move |done, total| {
        let tenth = 10 * done / total.max(1);
        if step.swap(tenth, Ordering::Relaxed) != tenth {
            tracing::info!("preparing images: {done}/{total}");
        }
    }
}

/// Refuses pairs to be drawn on faces of which nobody knows where the eyes are.
fn drawable(run: &RunConfig, data: &Prepared) -> Result<(), Failure> {
    let faces = &data.split.train_negative;
    let unknown = faces.iter().filter(|face| data.points(**face).is_none()).count();
    if run.losses.paired == 0.0 || unknown == 0 {
        return Ok(());
    }
    Err(Failure::BadInput(format!(
        "error: losses.paired draws glasses by the eyes, and of {unknown} of {} training faces the data do not \
         say where they are; bring the list of landmarks, or leave losses.paired at 0",
        faces.len()
    )))
}

/// `resgan prepare`: data first with all cores, then the judges, each in a process of its own with
/// the cell's number of threads, so that their weights do not depend on the machine's number of
/// cores; as many at a time as there are cores for.
pub(crate) fn run(config: &Path, cache: &Path) -> Result<(), Failure> {
    let run = configured(config, None)?;
    let data = load(&run, cache)?;
    let split = &data.split;
    let parts = JudgedPart::ALL.iter().filter_map(|part| {
        let [negative, positive] = split.judged(*part).map(<[usize]>::len);
        (positive > 0).then(|| format!("{negative} + {positive} {part} images"))
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    tracing::info!(
        "{} + {} training images, {} (without + with the attribute), judges learn from {}",
        split.train_negative.len(),
        split.train_positive.len(),
        parts,
        split.judges.len()
    );
    if let Some(judged) = judged(&run, &data, cache)? {
        let [negative, positive] = judged.split.judged(run.eval.part).map(<[usize]>::len);
        let source = String::from(run.eval.source);
        tracing::info!("{negative} + {positive} images of {source} are judged");
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let at_once = (cores / run.backend.threads).max(1);
    let mut waiting: VecDeque<Judge> = Judge::needed(&run, &data).into();
    let mut running: Vec<(Judge, Child)> = Vec::new();
    let mut failure = None;
    let program = std::env::current_exe()?;
    while !running.is_empty() || (failure.is_none() && !waiting.is_empty()) {
        while failure.is_none() && running.len() < at_once {
            let Some(judge) = waiting.pop_front() else { break };
            let mut command = Command::new(&program);
            command.args(["judge", &judge.name(), "--config"]).arg(config);
            running.push((judge, command.arg("--cache").arg(cache).spawn()?));
        }
        thread::sleep(POLL);
        let mut still = Vec::new();
        for (judge, mut child) in running {
            match child.try_wait()? {
                None => still.push((judge, child)),
                Some(status) => failure = failure.or(failed(judge, status)),
            }
        }
        running = still;
    }
    failure.map_or(Ok(()), Err)
}

const POLL: Duration = Duration::from_millis(20);

/// How a judge's process ended, unless it ended well.
fn failed(judge: Judge, status: ExitStatus) -> Option<Failure> {
    let name = judge.name();
    match status.code() {
        Some(code) => match Exit::of(code) {
            Some(Exit::Done) => None,
            Some(Exit::Machine) => {
                Some(Failure::Infrastructure(format!("judge {name} was failed by the machine")))
            }
            Some(Exit::Interrupted) => {
                Some(Failure::Interrupted(format!("judge {name} interrupted")))
            }
            Some(Exit::BadInput) => Some(Failure::BadInput(format!("judge {name}: bad input"))),
            _ => Some(Failure::Failed(format!("judge {name} ended with {status}"))),
        },
        // A signal: memory was short, or somebody killed it.
        None => Some(Failure::Infrastructure(format!("judge {name} was killed: {status}"))),
    }
}

/// `resgan judge`: one judge into the cache.
pub(crate) fn judge(judge: Judge, config: &Path, cache: &Path) -> Result<(), Failure> {
    let run = configured(config, None)?;
    // The device first: it fixes the number of threads. The images are in the cache already.
    let device = backend::open(&run.judging())?;
    let data = load(&run, cache)?;
    Ok(judge.train(&run, &data, &device, cache)?)
}
