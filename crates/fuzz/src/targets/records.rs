//! What is written down of a sweep and its cells.

use std::path::{Component, Path};

use data::{PairSampler, SamplerState, Split};
use record::{Cell, Manifest, PlanFile, Proof};

use crate::oracle;
use crate::target::Verdict;

/// Fields of all these files.
pub(super) const WORDS: [&str; 42] = [
    "\"config_hash\":",
    "\"attempt\":",
    "\"backend\":",
    "\"program\":",
    "\"files\":[",
    "{\"path\":",
    "\"bytes\":",
    "\"blake3\":",
    "\"seal\": \"",
    "\"\n}\n",
    "\"experiment\":",
    "\"question\":",
    "\"factors\":[[",
    "\"seeds\":[",
    "\"compare\":{\"factor\":",
    "\"baseline\":",
    "\"worker\":",
    "\"made\":{",
    "\"steps\":",
    "\"cells\":[{\"id\":",
    "\"hash\":",
    "\"seed\":",
    "\"state\":",
    "\"running\"",
    "\"failed\"",
    "\"phase\":",
    "\"train\"",
    "\"step\":",
    "\"rate\":",
    "\"eta_s\":",
    "\"pid\":",
    "\"host\":",
    "\"updated\":",
    "\"error\":",
    "\"error_kind\":\"infrastructure\"",
    "\"peak_mib\":",
    "\"number\":",
    "\"epoch\":[",
    "\"position\":[",
    "18446744073709551615",
    "#file ",
    "../",
];

/// No change of one byte and no cut of a sealed text is accepted by `parse`. Where, follows from the
/// text.
fn every_change_is_seen<T>(sealed: &[u8], parse: impl Fn(&[u8]) -> Result<T, String>) {
    let seed = blake3::hash(sealed);
    for pair in seed.as_bytes().chunks_exact(4) {
        let at = usize::from(u16::from_le_bytes([pair[0], pair[1]])) % sealed.len();
        let mut changed = sealed.to_vec();
        changed[at] ^= pair[2].max(1);
        assert!(parse(&changed).is_err(), "byte {at} became {}", changed[at]);
        assert!(parse(&sealed[..at]).is_err(), "cut to {at} bytes");
    }
}

fn reason(reason: &str) -> Verdict {
    assert!(!reason.is_empty() && reason.len() < 4000, "{reason}");
    oracle::printable(reason, "record");
    Verdict::Refused
}

/// Whether a name leads to a file inside the directory that it is joined to.
fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// A manifest.
pub fn manifest(bytes: &[u8]) -> Verdict {
    let manifest = match Manifest::parse(bytes) {
        Ok(manifest) => manifest,
        Err(error) => return reason(&error),
    };
    for file in &manifest.files {
        assert!(is_inside(&file.path), "{:?} leads out of the directory", file.path);
    }
    let sealed = manifest.to_sealed().expect("plain JSON");
    assert_eq!(Manifest::parse(&sealed).as_ref(), Ok(&manifest));
    every_change_is_seen(&sealed, Manifest::parse);
    Verdict::Accepted
}

/// A plan.
pub fn plan(bytes: &[u8]) -> Verdict {
    let plan = match PlanFile::parse(bytes) {
        Ok(plan) => plan,
        Err(error) => return reason(&error),
    };
    for cell in &plan.cells {
        let plain = is_inside(&cell.id) && !cell.id.contains('/');
        assert!(plain, "{:?} does not name a directory", cell.id);
        assert!(!cell.arm().is_empty());
        let _ = plan.steps_of(cell);
    }
    let _ = plan.made.as_ref().map(record::Origin::arguments);
    let sealed = plan.to_sealed().expect("plain JSON");
    assert_eq!(PlanFile::parse(&sealed).as_ref(), Ok(&plan));
    every_change_is_seen(&sealed, PlanFile::parse);
    Verdict::Accepted
}

/// The files that a cell's directory may hold, by the names that stand behind `#file `.
const FILES: [&str; 6] =
    ["state.json", "owner.json", "done.json", "log.txt", "metrics.jsonl", "eval.csv"];
const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A cell's directory, as texts that lines `#file NAME` begin, looked at in every way.
pub fn cell_directory(bytes: &[u8]) -> Verdict {
    let Some(text) = oracle::text(bytes) else { return Verdict::Refused };
    let id = &HASH[..12];
    let dir = oracle::scratch().join("cells").join(id);
    std::fs::create_dir_all(&dir).expect("the scratch directory takes directories");
    let parts = oracle::parts(text, "#file ");
    for file in FILES {
        let path = dir.join(file);
        match parts.iter().find(|(name, _)| *name == file) {
            Some((_, content)) => std::fs::write(path, content).expect("a file is taken"),
            None => drop(std::fs::remove_file(path)),
        }
    }
    let cell = Cell { id: id.to_owned(), hash: HASH.to_owned(), seed: 1, ..Cell::default() };
    let status = record::inspect_cell(oracle::scratch(), &cell, false);
    let glance = record::glance_cell(oracle::scratch(), &cell, false);
    for said in [Some(&status.reason), status.error.as_ref()].into_iter().flatten() {
        assert!(!said.contains('\n') && said.len() < 4000, "{said:?}");
        oracle::printable(said, "status");
    }
    assert_eq!(status.state == glance.state, status.will_run == glance.will_run);
    let proof = Proof::read(&dir, "done.json", HASH);
    assert_eq!(proof == Proof::Sound, status.state == record::CellState::Done);
    match status.snapshot {
        Some(_) => Verdict::Accepted,
        None => Verdict::Refused,
    }
}

/// A sampler's position. One that is taken goes on.
pub fn sampler_state(bytes: &[u8]) -> Verdict {
    let state: SamplerState = match serde_json::from_slice(bytes) {
        Ok(state) => state,
        Err(_) => return Verdict::Refused,
    };
    let train_negative = (0..3).collect();
    let train_positive = (3..5).collect();
    let split = Split { train_negative, train_positive, ..Split::default() };
    let mut sampler = PairSampler::new(&split, 1, true);
    if let Err(error) = sampler.restore(state) {
        return reason(&error.to_string());
    }
    assert_eq!(sampler.state(), state);
    for pair in sampler.next_batch(12) {
        assert!(pair.negative < 3 && (3..5).contains(&pair.positive));
    }
    let text = serde_json::to_vec(&sampler.state()).expect("plain JSON");
    let again: SamplerState = serde_json::from_slice(&text).expect("what was written is read");
    assert_eq!(again, sampler.state());
    Verdict::Accepted
}
