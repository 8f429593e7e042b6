//! The judgement of a trained cell: made beside an earlier one, which it replaces when it is whole.

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
use eval::Judgement;
use model::{Generator, Init, Network, weights};
use record::tables::{FILES, Summary};
use record::{DONE, Made, Proof, TRAINED, own, sync_dir, write_synced};

use crate::cell::Cell;
use crate::failure::Failure;
use crate::provenance::{self, JudgedBy};

/// The judgement.
const EVAL: &str = "eval";
/// The one before, while the new one takes its place.
const BEFORE: &str = "eval.before";

/// Both generators of a trained cell.
pub(crate) struct Generators {
    g0: Generator,
    g1: Generator,
}

impl Generators {
    /// Reads them from a cell's directory; its proof was checked.
    pub(crate) fn load(run: &RunConfig, dir: &Path, device: &Device) -> Result<Self, Failure> {
        let load = |network, file: &str| {
            let fresh = Generator::new(&run.model, &mut Init::new(0, network, device));
            weights::assign(fresh, &weights::read(&dir.join(file))?)
        };
        Ok(Generators {
            g0: load(Network::G0, "weights/g0.safetensors")?,
            g1: load(Network::G1, "weights/g1.safetensors")?,
        })
    }
}

/// Judges a trained cell and proves it complete; `faces` are those that judges learn from, and those that
/// are judged. An earlier judgement counts until then.
pub(crate) fn judge(
    cell: &Cell<'_>,
    faces: (&Prepared, &Prepared),
    generators: &Generators,
    device: &Device,
    mut made: Made,
) -> Result<(), Failure> {
    let Cell { run, dir, cache, claim, .. } = *cell;
    let judging = backend::open(&run.judging())?;
    let judgement =
        eval::evaluate(run, faces, (&generators.g0, &generators.g1), (device, &judging), cache)?;
    let mut judged = judgement.judged().clone();
    judged.keys = cell.keys.to_owned();
    judged.commit = provenance::build().commit_text();
    claim.check()?;
    let attempt = &claim.owner().attempt;
    let scratch = dir.join(format!("{EVAL}.tmp-{attempt}"));
    let provenance = JudgedBy::collect(run, &judged, attempt);
    let summary = written(run, judgement, &provenance, &scratch);
    let summary = summary.inspect_err(|_| discard(&scratch))?;
    for (direction, metrics) in &summary.directions {
        let success = metrics.get("success").copied().unwrap_or_default();
        tracing::info!("{direction}: judged successful on {:.1} %", 100.0 * success);
    }
    made.judged = Some(judged);
    let put = put(cell, &scratch, made);
    if put.is_err() {
        // Best effort: the next attempt does the same first.
        discard(&scratch);
        let _ = recover(cell);
    }
    put?;
    cell.tidy()
}

/// The judgement's files, with what says how it was made.
fn written(
    run: &RunConfig,
    judgement: Judgement,
    provenance: &JudgedBy,
    scratch: &Path,
) -> Result<Summary, Failure> {
    let summary = judgement.write(scratch)?;
    let text = serde_json::to_vec_pretty(provenance).map_err(std::io::Error::from)?;
    write_synced(&scratch.join("provenance.json"), &text)?;
    write_synced(&scratch.join("config.toml"), run.to_toml().as_bytes())?;
    sync_dir(scratch)?;
    Ok(summary)
}

/// Swaps it in and proves the cell.
fn put(cell: &Cell<'_>, scratch: &Path, made: Made) -> Result<(), Failure> {
    let Cell { dir, claim, .. } = *cell;
    claim.check()?;
    let (place, before) = (dir.join(EVAL), dir.join(BEFORE));
    if place.exists() {
        fs::rename(&place, &before)?;
    }
    fs::rename(scratch, &place)?;
    sync_dir(dir)?;
    let mut files = cell.training_files()?;
    files.push(TRAINED.to_owned());
    let names = [FILES.as_slice(), &["config.toml", "provenance.json"]].concat();
    let names = names.iter().map(|name| format!("{EVAL}/{name}"));
    files.extend(names.filter(|name| dir.join(name).exists()));
    cell.prove(DONE, files, made)?;
    drop_before(&before, &place);
    Ok(())
}

/// Removes an earlier judgement, but for what somebody has put beside its files: that goes on to the new one.
fn drop_before(before: &Path, place: &Path) {
    if own::carry_over(before, place, own::is_of_judgement).is_ok() {
        discard(before);
    }
}

/// Removing what is of no use any more may fail: the next attempt tries again.
fn discard(directory: &Path) {
    let _ = fs::remove_dir_all(directory);
}

/// Gives an earlier judgement its place back if the one that was to replace it was cut off.
pub(crate) fn recover(cell: &Cell<'_>) -> Result<(), Failure> {
    let (place, before) = (cell.dir.join(EVAL), cell.dir.join(BEFORE));
    if !before.exists() {
        return Ok(());
    }
    cell.claim.check()?;
    if Proof::read(cell.dir, DONE, cell.hash) == Proof::Sound {
        drop_before(&before, &place);
        return Ok(());
    }
    if place.exists() {
        own::carry_over(&place, &before, own::is_of_judgement)?;
        fs::remove_dir_all(&place)?;
    }
    fs::rename(&before, &place)?;
    Ok(sync_dir(cell.dir)?)
}
