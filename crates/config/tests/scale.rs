//! Large sweeps expand and hash in no time.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use config::{Experiment, Overrides};

/// Loads an experiment of `a` x `b` x `c` x 2 arms and `seeds` seeds, hashes every cell, and says
/// how many there are and how long it took.
fn expand(a: usize, b: usize, c: usize, seeds: usize) -> (usize, Duration) {
    let list = |n: usize, unit: &str| {
        let levels: Vec<String> = (1..=n).map(|i| format!("{i}{unit}")).collect();
        levels.join(", ")
    };
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("base.toml"), "[train]\nsteps = 10\n").unwrap();
    let path = dir.path().join("sweep.toml");
    let text = format!(
        "base = \"base.toml\"\nseeds = [{}]\n[factors]\n\"train.batch\" = [{}]\n\
         \"train.lr\" = [{}]\n\"data.synthetic_seed\" = [{}]\n\
         \"model.output\" = [\"residual\", \"image\"]\n",
        list(seeds, ""),
        list(a, ""),
        list(b, "e-5"),
        list(c, ""),
    );
    std::fs::write(&path, text).unwrap();
    let start = Instant::now();
    let sweep = Experiment::load(&path, &Overrides::default()).unwrap();
    let mut hashes: Vec<String> = sweep.cells.iter().map(|c| c.config.cell_hash("faces")).collect();
    let elapsed = start.elapsed();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), sweep.cells.len(), "every cell has a hash of its own");
    (hashes.len(), elapsed)
}

/// The bounds leave a busy machine thirty times what an idle one needs. Writing a whole run out for
/// each of its keys, or looking through all arms for each arm, takes longer than that.
#[test]
fn ten_thousand_cells_and_twenty_thousand_arms_expand_in_seconds() {
    let (cells, elapsed) = expand(10, 10, 10, 5);
    assert_eq!(cells, 10_000);
    assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
    let (cells, elapsed) = expand(10, 20, 50, 1);
    assert_eq!(cells, 20_000);
    assert!(elapsed < Duration::from_secs(4), "{elapsed:?}");
}
