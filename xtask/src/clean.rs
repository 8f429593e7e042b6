//! `cargo xtask clean --orphans`: removes what an edited experiment has left behind, if told so.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use clap::Args;
use record::{CellState, PlanFile};
use sweep::{Belonging, Orphan, Removal};

use crate::failure::Failure;
use crate::pipe::{print, say};
use crate::table::{self, amount, cells};
use crate::which::{Found, Which};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Remove cells that the plan of the last run does not list
    #[arg(long, required = true)]
    orphans: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(arguments: &Arguments, results: &Path) -> Result<(), Failure> {
    let Found { dir, file, belonging } = arguments.which.find(results)?;
    if let (Belonging::Moved { from }, Some(file)) = (belonging, file) {
        return Err(Failure::BadInput(format!(
            "error: {} holds the results of {}, which is gone; nothing was removed\n\
             help: if {} is the same experiment, run it first: that makes the results its own",
            dir.display(),
            from.display(),
            file.display(),
        )));
    }
    let plan = PlanFile::read(&dir)?;
    let orphans = sweep::orphans(&dir, &plan)?;
    list(&plan, &orphans);
    let due: Vec<&Orphan> = orphans.iter().filter(|o| o.state != CellState::Running).collect();
    if !due.is_empty() && !arguments.yes {
        let size: f64 = due.iter().map(|orphan| orphan.size_mib).sum();
        if !confirmed(due.len(), size)? {
            say!("nothing was removed");
            return Ok(());
        }
    }
    let mut busy = orphans.len() - due.len();
    let (mut removed, mut planned) = (0, 0);
    let mut kept = Vec::new();
    for orphan in due {
        match sweep::remove_orphan(&dir, orphan)? {
            Removal::Removed => removed += 1,
            Removal::Busy => busy += 1,
            Removal::Planned => planned += 1,
            Removal::Foreign => kept.push(orphan),
        }
    }
    if arguments.yes || removed > 0 {
        sweep::remove_trash(&dir)?;
    }
    if !orphans.is_empty() {
        say!("removed {}", cells(removed));
    }
    for orphan in kept {
        let files: Vec<String> = orphan.foreign.iter().map(|f| f.display().to_string()).collect();
        say!("cell {} stays: move your own files first ({})", orphan.id, files.join(", "));
    }
    if planned > 0 {
        say!("{} stay: a run that was started meanwhile wants them", cells(planned));
    }
    if busy > 0 {
        say!("{} stay: a process works on them", cells(busy));
    }
    Ok(())
}

fn list(plan: &PlanFile, orphans: &[Orphan]) {
    if orphans.is_empty() {
        say!("{}: every cell that lies there is in the plan", plan.experiment);
        return;
    }
    let rows = orphans.iter().map(|orphan| {
        let unknown = || "unknown".to_owned();
        let factors = orphan.factors.as_ref().map(|factors| {
            let parts = factors.iter().map(|(key, level)| format!("{key}={level}"));
            parts.collect::<Vec<_>>().join(", ")
        });
        let seed = orphan.seed.map_or_else(unknown, |seed| seed.to_string());
        let state = orphan.state.name().to_owned();
        [orphan.id.clone(), factors.unwrap_or_else(unknown), seed, state, amount(orphan.size_mib)]
    });
    table::print(["id", "factors", "seed", "state", "size"], rows);
    say!("\n{} are not in the plan of {}", cells(orphans.len()), plan.experiment);
    let options = plan.made.as_ref().map(record::Origin::arguments).unwrap_or_default();
    if !options.is_empty() {
        say!("the last run was made with {}: others may be missing only there", options.join(" "));
    }
}

/// Asks on the terminal; without one nobody can answer.
fn confirmed(count: usize, size: f64) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        let text = "error: this removes results and there is no terminal to ask on\n\
                    help: add --yes if that is what you want";
        return Err(Failure::BadInput(text.to_owned()));
    }
    print(format_args!("remove {} ({}) for good? [y/N] ", cells(count), amount(size)));
    let _ = io::stdout().flush();
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|e| Failure::Failed(format!("error: cannot read the answer: {e}")))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
