//! Cells keep their names: a finished cell is found again by its hash, so that the committed
//! configurations and experiments must go on making the hashes that they made when these were
//! written down.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use config::{Experiment, Overrides, RunConfig};

fn committed(dir: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(dir).join(format!("{name}.toml"))
}

#[test]
fn cells_of_the_earlier_layout_are_recognised() {
    for (name, hash) in [
        ("celeba", "890406ab220528d2e3bb8b6b8bf736169afb994ba3b95ac3252f98acf56a1979"),
        ("landmarks", "0cc17f6b2bb37ede33e9a71f859e4596b5aed0c6c1dac4998f007a22ce345ba9"),
        ("lfw", "ab2dd97bce1c1712c926e517b180d37152acbf3d96a9f090ebd4c4b940518153"),
        ("mtfl", "de6d7b5a5208e1da33417adb5e4c457e9eed15093ec3cac0f7674e2206ca0d8a"),
        ("paper", "23f63a611048e9c74a06024a5afdabcf2be17702730a3d96e934dc55bd4fd5b1"),
        ("quickstart", "8aadd91be6230eae0de0ac82abf2367bd63e4752599c9e38cac114ff850a17d0"),
        ("synthetic", "f540f5fe388ee7b656be28fddd489719aef11f3752a2ce065c039d08fbe0bc00"),
    ] {
        let path = committed("configs", name);
        let run = RunConfig::load(&path, &["data.root=somewhere".to_owned()]).unwrap();
        assert_eq!(run.earlier_cell_hash("fingerprint"), hash, "{name}");
    }
}

/// BLAKE3 over factors, seed and hash of every cell, in order.
#[test]
fn committed_experiments_keep_their_cells() {
    for (name, count, digest) in [
        ("dual", 40, "b8e3474bb4012b42feb236e154dec85f604423e3504706be041c2a0645172c62"),
        ("landmark-gain", 6, "3013f94cc8be3543e82e177751a9e2748a7e3773fcae3b65cebb3be72daa0ca6"),
        ("loss-terms", 30, "2e7a81f5b56b8ef830c72b16d4d62624cbd4cb778164d944d14e6d76ff7697d6"),
        ("mtfl-glasses", 4, "ff3edb2b35a73c05da0027d20160ff692f32d79ea37cf8bacdb1c1fa724a5acd"),
        ("paper", 72, "a454150efaa5a1c75c0c4f73e25b2cc2b87308dcd65f2d48f31442ad2722718d"),
        ("quickstart", 6, "ad379bac428d50fa0db625776705358e66eae539096167ac3c2f3385a1fb76bb"),
        ("residual", 20, "7d87adbc61b58b4bd88de7b2f337347adaa64246e892288a1a8b21f0d2afc04b"),
    ] {
        let set = vec!["data.root=somewhere".to_owned()];
        let overrides = Overrides { set, ..Overrides::default() };
        let sweep = Experiment::load(&committed("experiments", name), &overrides).unwrap();
        let line = |cell: &config::CellSpec| {
            let hash = cell.config.earlier_cell_hash("fingerprint");
            format!("{:?} {} {hash}\n", cell.factors, cell.seed)
        };
        let lines: String = sweep.cells.iter().map(line).collect();
        assert_eq!(sweep.cells.len(), count, "{name}");
        assert_eq!(blake3::hash(lines.as_bytes()).to_hex().as_str(), digest, "{name}");
    }
}

#[test]
fn values_away_from_their_defaults_keep_their_hash() {
    let text = "[data]\nroot = \"a \\\"b\\\" \\\\ c\"\nattribute = \"young\"\n\
                [losses]\nbeta = 1e-12\n[train]\nlr = 1\nepsilon=1e-9\n\
                [backend]\nkind = \"wgpu\"\nprecision = \"bf16\"\n";
    let run = RunConfig::from_toml(text, "run.toml").unwrap();
    let hash = "2d4cc33f1e603cf6ec5e920b7d784bd2e4b7d8880e9255fba978e342b2b33230";
    assert_eq!(run.cell_hash("fingerprint"), hash);
}

/// The ids of today, since `[eval]` is no part of them.
#[test]
fn committed_runs_keep_their_present_hashes() {
    let mut lines = String::new();
    for name in
        ["backends", "celeba", "landmarks", "lfw", "mtfl", "paper", "quickstart", "synthetic"]
    {
        let path = committed("configs", name);
        let run = RunConfig::load(&path, &["data.root=somewhere".to_owned()]).unwrap();
        lines += &format!("{name} {}\n", &run.cell_hash("fingerprint")[..16]);
    }
    insta::assert_snapshot!(lines);
}
