//! `verify`: every byte of every result and of the cache against its checksum.

use std::path::Path;

use record::{Damage, Manifest, PlanFile, vouched};

use crate::failure::Failure;
use crate::pipe::say;
use crate::which::Which;
use crate::{places, table};

pub(crate) fn verify(which: &Which, results: &Path) -> Result<(), Failure> {
    let dir = which.dir(results)?;
    let found = sweep::verify(&dir)?;
    let name = &which.experiment;
    let run =
        PlanFile::read(&dir).map_or_else(|_| format!("cargo xtask run {name}"), |p| p.command());
    let outputs = match found.outputs {
        Some(1) => "1 table, figure and page".to_owned(),
        Some(count) => format!("{count} tables, figures and pages"),
        None => "no tables and figures (`cargo xtask report` writes them)".to_owned(),
    };
    let (done, all, checkpoints) = (found.done, found.cells, found.checkpoints);
    let read = format!("{done} of {all} cells are done; {checkpoints} checkpoints, {outputs}");
    if found.outputs_outdated {
        eprintln!(
            "warning: tables and figures show other cells than those that are done now; \
             `cargo xtask report {name}` writes them anew"
        );
    }
    if found.busy > 0 {
        eprintln!("{} are being worked on and were not read", table::cells(found.busy));
    }
    let cache = in_cache(&places::cache(results));
    if found.damages.is_empty() && cache.is_empty() {
        say!("{name}: {read}; all files verify, those of the cache too");
        return Ok(());
    }
    let mut text = String::new();
    if !found.damages.is_empty() {
        text += &format!(
            "error: files are not what was written ({read}):\n{}\n\
             help: `{run}` makes damaged cells and the plan again, `cargo xtask \
             report {name}` tables and figures; a damaged checkpoint is passed over\n",
            lines(&found.damages),
        );
    }
    if !cache.is_empty() {
        text += &format!(
            "error: files of the cache are not what was written:\n{}\n\
             help: none of them is used: `{run}` makes again what it needs of them; cells that \
             are done keep their numbers, and the identity of the judges that gave them\n",
            lines(&cache),
        );
    }
    Err(Failure::Failed(text.trim_end().to_owned()))
}

/// Images, drawn faces and judges that all experiments share.
fn in_cache(cache: &Path) -> Vec<Damage> {
    // A judge's file is named by the beginning of the hash over everything that shapes it.
    let belongs = |key: &str, manifest: &Manifest| {
        let begins = key.rsplit('-').next().unwrap_or_default();
        !begins.is_empty() && manifest.config_hash.starts_with(begins)
    };
    let mut found = data::verify_cache(cache);
    found.extend(vouched::vouched(&cache.join("judges"), belongs));
    found
}

fn lines(damages: &[Damage]) -> String {
    let lines: Vec<String> = damages.iter().map(|damage| format!("  {damage}")).collect();
    lines.join("\n")
}
