//! `cargo xtask retry`: takes failed and diverged cells up again, as the last run asked for them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, Parser};
use record::{Cell, CellState, Origin, PlanFile};

use crate::failure::Failure;
use crate::pipe::Quiet;
use crate::pipe::say;
use crate::run;
use crate::which::{Found, Which};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Cells, by id or its beginning; all that failed or diverged if none is named
    #[arg(value_name = "CELL-ID")]
    cells: Vec<String>,
    /// Cells at a time, as for `run`
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Further options of `run`, such as --fail-fast
    #[arg(last = true, value_name = "OPTIONS OF RUN")]
    options: Vec<String>,
}

/// The arguments of `run` once more, as a parser of its own.
#[derive(Parser)]
struct Again {
    #[command(flatten)]
    run: run::Arguments,
}

pub(crate) fn run(arguments: &Arguments, results: &Path, quiet: &Quiet) -> Result<(), Failure> {
    let Found { dir, file, .. } = arguments.which.find(results)?;
    let plan = PlanFile::read(&dir)?;
    let only = chosen(&dir, &plan, &arguments.cells)?;
    if only.is_empty() {
        say!("{}: no cell has failed or diverged", plan.experiment);
        return Ok(());
    }
    let Some(origin) = &plan.made else {
        let text = format!(
            "error: {} does not say how the sweep was asked for: it is older than `retry`\n\
             help: give the last run's options again with `cargo xtask run {} --retry-failed`",
            dir.join("plan.json").display(),
            plan.experiment
        );
        return Err(Failure::BadInput(text));
    };
    let file = file.unwrap_or_else(|| sweep::home_file(&dir, origin));
    // The last run may have been started elsewhere: what was asked for here is meant from here.
    let file = std::path::absolute(&file).unwrap_or(file);
    let again = parsed(&file, origin, arguments)?;
    // Paths among the options start from where the last run was started.
    if origin.directory.is_dir() {
        let moved = std::env::set_current_dir(&origin.directory);
        moved.map_err(|e| {
            Failure::Failed(format!("error: cannot enter {}: {e}", origin.directory.display()))
        })?;
    }
    run::run(&again.only(only), results, quiet)
}

fn parsed(file: &Path, origin: &Origin, arguments: &Arguments) -> Result<run::Arguments, Failure> {
    let mut words = vec!["run".to_owned(), file.to_string_lossy().into_owned()];
    words.extend(origin.arguments());
    words.push("--retry-failed".to_owned());
    if let Some(jobs) = arguments.jobs {
        words.extend(["--jobs".to_owned(), jobs.to_string()]);
    }
    // A relative path here is meant from here.
    words.extend(arguments.options.iter().map(|word| absolute(word)));
    let again = Again::try_parse_from(words);
    Ok(again.map_err(|e| Failure::BadInput(e.to_string().trim_end().to_owned()))?.run)
}

fn absolute(word: &str) -> String {
    let path = PathBuf::from(word);
    match std::path::absolute(&path) {
        Ok(whole) if path.exists() => whole.to_string_lossy().into_owned(),
        _ => word.to_owned(),
    }
}

/// Ids of the cells that are taken up.
fn chosen(dir: &Path, plan: &PlanFile, named: &[String]) -> Result<BTreeSet<String>, Failure> {
    let failed = |cell: &Cell| {
        let state = record::glance_cell(dir, cell, true).state;
        (matches!(state, CellState::Failed | CellState::Diverged), state)
    };
    if named.is_empty() {
        let cells = plan.cells.iter().filter(|cell| failed(cell).0);
        return Ok(cells.map(|cell| cell.id.clone()).collect());
    }
    let mut only = BTreeSet::new();
    for name in named {
        let cell = find(plan, name)?;
        let (yes, state) = failed(cell);
        if !yes {
            let text = format!(
                "error: cell {} is {}; `retry` takes failed and diverged cells up again",
                cell.id,
                state.name()
            );
            return Err(Failure::BadInput(text));
        }
        only.insert(cell.id.clone());
    }
    Ok(only)
}

/// The cell whose id begins so.
fn find<'a>(plan: &'a PlanFile, name: &str) -> Result<&'a Cell, Failure> {
    let found: Vec<&Cell> = plan.cells.iter().filter(|cell| cell.id.starts_with(name)).collect();
    match found[..] {
        [cell] => Ok(cell),
        [] => {
            let near = plan.cells.iter().min_by_key(|cell| {
                let beginning: String = cell.id.chars().take(name.chars().count()).collect();
                strsim::damerau_levenshtein(&beginning, name)
            });
            let near = near.map_or_else(String::new, |cell| {
                format!("\nhelp: did you mean `{}` ({}, seed {})?", cell.id, cell.arm(), cell.seed)
            });
            let text = format!("error: no cell of {} has the id `{name}`{near}", plan.experiment);
            Err(Failure::BadInput(text))
        }
        _ => {
            let ids: Vec<&str> = found.iter().take(8).map(|cell| cell.id.as_str()).collect();
            let text = format!(
                "error: {} cells of {} have ids that begin with `{name}`\nhelp: {}{}",
                found.len(),
                plan.experiment,
                ids.join(", "),
                if found.len() > ids.len() { ", ..." } else { "" }
            );
            Err(Failure::BadInput(text))
        }
    }
}
