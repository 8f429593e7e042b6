//! `run --remake` and `run --rejudge`: which finished cells are made again.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use config::BackendKind;
use record::{Again, Apart, Build, Cell, CellState, CellStatus, Made, Mixture};
use sweep::Plan;

use crate::failure::Failure;
use crate::table::cells;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Whatever other code than today's made, trained or judged again as it needs.
    Remake,
    /// Every finished cell, judged again.
    Rejudge,
}

/// Backends of the cells that are finished, which a worker that may make them again has to have.
pub(crate) fn backends(plan: &Plan) -> BTreeSet<BackendKind> {
    let finished = finished(plan);
    let runs = plan.runs().filter(|(cell, _)| finished.iter().any(|f| f.cell.id == cell.id));
    runs.flat_map(|(_, run)| run.backends()).collect()
}

fn finished(plan: &Plan) -> Vec<CellStatus> {
    let statuses = record::inspect(&plan.dir, &plan.file, false);
    statuses.into_iter().filter(|status| status.state == CellState::Done).collect()
}

/// Leaves the wish in the directory of every cell that it is about, and says how many those are.
///
/// # Errors
/// The worker cannot be asked what it is made of, or a directory cannot be written.
pub(crate) fn ask(
    wish: Wish,
    plan: &Plan,
    worker: &Path,
    wanted: impl Fn(&Cell) -> bool,
) -> Result<(), Failure> {
    let build = build_of(worker)?;
    let mut finished = finished(plan);
    finished.retain(|status| wanted(&status.cell));
    let factor = plan.file.compare.as_ref().map(|compare| compare.factor.as_str());
    let judges_differ = judges_differ(&finished, factor);
    let mut counts = [0; 2];
    for status in &finished {
        let again = match wish {
            Wish::Rejudge => Some(Again::Judgement),
            Wish::Remake => {
                outdated(status.made.as_ref(), &build).or(judges_differ.then_some(Again::Judgement))
            }
        };
        let Some(again) = again else { continue };
        let dir = plan.cell_dir(&status.cell);
        again.ask(&dir).map_err(|e| {
            Failure::Failed(format!("error: cannot write into {}: {e}", dir.display()))
        })?;
        counts[usize::from(again == Again::Judgement)] += 1;
    }
    let [trained, judged] = counts;
    match (wish, trained, judged) {
        (Wish::Remake, 0, 0) => eprintln!("every finished cell was made by today's code"),
        (_, 0, judged) => eprintln!("{} will be judged again", cells(judged)),
        (_, trained, 0) => eprintln!("{} will be trained and judged again", cells(trained)),
        (_, trained, judged) => eprintln!(
            "{} will be trained and judged again, {judged} more judged again",
            cells(trained)
        ),
    }
    Ok(())
}

/// What has to be made again so that this build has made all of it.
fn outdated(made: Option<&Made>, build: &Build) -> Option<Again> {
    let code = &build.code;
    let judged = made.and_then(|made| made.judged.as_ref());
    match made {
        Some(made) if made.training == [code.training.as_str()] => {}
        _ => return Some(Again::Training),
    }
    let same = judged.is_some_and(|j| j.judging == code.judging && j.judges_code == code.judges);
    (!same).then_some(Again::Judgement)
}

/// Whether cells that are compared with one another were judged by different judges.
fn judges_differ(finished: &[CellStatus], factor: Option<&str>) -> bool {
    let only_judges: Vec<(Option<Made>, _)> = finished
        .iter()
        .map(|status| {
            let judged = status.made.as_ref().and_then(|made| made.judged.as_ref());
            let judges = judged.map(|judged| {
                let (judges, quality) = (judged.judges.clone(), judged.quality.clone());
                let judged = record::Judged { judges, quality, ..Default::default() };
                Made { judged: Some(judged), ..Made::default() }
            });
            (judges, &status.cell.factors)
        })
        .collect();
    let cells = only_judges.iter().map(|(made, levels)| (made.as_ref(), *levels));
    Mixture::along(factor, cells).is_some_and(|mixture| mixture.apart == Apart::Judges)
}

/// What a worker is made of.
fn build_of(worker: &Path) -> Result<Build, Failure> {
    let failed = |why: String| {
        let text = format!("error: cannot ask {} what it is made of: {why}", worker.display());
        Failure::Failed(text)
    };
    let output = Command::new(worker).arg("build").stdin(Stdio::null()).output();
    let output = output.map_err(|e| failed(e.to_string()))?;
    serde_json::from_slice(&output.stdout).map_err(|e| failed(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::Judged;

    fn made(training: &[&str], judging: &str) -> Made {
        let judged = Judged { judging: judging.to_owned(), ..Judged::default() };
        let training = training.iter().map(|code| (*code).to_owned()).collect();
        Made { training, judged: Some(judged), ..Made::default() }
    }

    #[test]
    fn only_what_other_code_made_is_made_again() {
        let mut build = Build::default();
        (build.code.training, build.code.judging) = ("t".to_owned(), "j".to_owned());
        assert_eq!(outdated(Some(&made(&["t"], "j")), &build), None);
        assert_eq!(outdated(Some(&made(&["t"], "k")), &build), Some(Again::Judgement));
        assert_eq!(outdated(Some(&made(&["s"], "j")), &build), Some(Again::Training));
        assert_eq!(outdated(Some(&made(&["s", "t"], "j")), &build), Some(Again::Training));
        assert_eq!(outdated(None, &build), Some(Again::Training));
    }
}
