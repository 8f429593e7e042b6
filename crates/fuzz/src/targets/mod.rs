//! Every target: what it reads, and what it promises beyond the promises of all.

pub mod annotations;
pub mod archives;
pub mod configs;
pub mod logs;
pub mod photos;
pub mod profiles;
pub mod records;
pub mod tables;
pub mod trees;

use crate::target::{Memory, Target};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Texts whose reader keeps little more than the text.
const TEXT: Memory = Memory { base: MIB, per_byte: 256 };

macro_rules! target {
    ($name:literal, $run:path, $words:expr, $longest:expr, $memory:expr, $about:literal) => {
        Target {
            name: $name,
            about: $about,
            run: $run,
            words: || $words.into_iter().map(|word| word.to_string()).collect(),
            longest: $longest,
            memory: $memory,
        }
    };
}

/// Every target, in the order of `cargo xtask fuzz list`.
pub static TARGETS: &[Target] = &[
    target!(
        "run-config",
        configs::run_config,
        configs::words(),
        4 * KIB,
        TEXT,
        "a run's TOML, and `--set`"
    ),
    target!(
        "experiment",
        configs::experiment,
        configs::words(),
        2 * KIB,
        Memory { base: 64 * MIB, per_byte: 256 },
        "an experiment's TOML with its base, `--set`, `--seeds` and `--backend`"
    ),
    target!(
        "slurm-profile",
        profiles::slurm,
        profiles::WORDS,
        2 * KIB,
        TEXT,
        "a profile of the Slurm launcher"
    ),
    target!(
        "command-profile",
        profiles::command,
        profiles::WORDS,
        KIB,
        TEXT,
        "a profile of the command launcher and its template"
    ),
    target!(
        "celeba-attributes",
        annotations::celeba_attributes,
        annotations::WORDS,
        4 * KIB,
        TEXT,
        "CelebA's list_attr_celeba, text or CSV"
    ),
    target!(
        "celeba-partition",
        annotations::celeba_partition,
        annotations::WORDS,
        2 * KIB,
        TEXT,
        "CelebA's list_eval_partition, text or CSV"
    ),
    target!(
        "celeba-identities",
        annotations::celeba_identities,
        annotations::WORDS,
        2 * KIB,
        TEXT,
        "CelebA's identity_CelebA, text or CSV"
    ),
    target!(
        "celeba-landmarks",
        annotations::celeba_landmarks,
        annotations::WORDS,
        4 * KIB,
        TEXT,
        "CelebA's list_landmarks_align_celeba, text or CSV"
    ),
    target!(
        "lfw-scores",
        annotations::lfw_scores,
        annotations::WORDS,
        4 * KIB,
        TEXT,
        "LFW's lfw_attributes.txt"
    ),
    target!(
        "mtfl-rows",
        annotations::mtfl_rows,
        annotations::WORDS,
        4 * KIB,
        TEXT,
        "MTFL's training.txt and testing.txt"
    ),
    target!(
        "folder-table",
        annotations::folder_table,
        annotations::WORDS,
        4 * KIB,
        TEXT,
        "the table of a folder of images"
    ),
    target!(
        "photo",
        photos::photo,
        photos::WORDS,
        8 * KIB,
        Memory { base: 64 * MIB, per_byte: 64 },
        "a photograph: JPEG or PNG"
    ),
    target!(
        "dlib-model",
        trees::dlib,
        [""; 0],
        16 * KIB,
        Memory { base: 64 * KIB, per_byte: 64 },
        "a shape_predictor file of dlib's"
    ),
    target!(
        "ert-model",
        trees::own,
        ["ertmodel"],
        16 * KIB,
        Memory { base: 64 * KIB, per_byte: 64 },
        "a file of regression trees of our own"
    ),
    target!(
        "safetensors",
        archives::safetensors,
        archives::WORDS,
        8 * KIB,
        TEXT,
        "named arrays: networks, moments, judges"
    ),
    target!(
        "manifest",
        records::manifest,
        records::WORDS,
        4 * KIB,
        TEXT,
        "done.json and manifest.json with their seals"
    ),
    target!("plan", records::plan, records::WORDS, 4 * KIB, TEXT, "plan.json with its seal"),
    target!(
        "cell-directory",
        records::cell_directory,
        records::WORDS,
        4 * KIB,
        TEXT,
        "state.json, owner.json, done.json, logs of a cell, as `status` and `verify` read them"
    ),
    target!(
        "sampler-state",
        records::sampler_state,
        records::WORDS,
        KIB,
        TEXT,
        "the sampler's position in a checkpoint"
    ),
    target!(
        "log-line",
        logs::line,
        logs::WORDS,
        2 * KIB,
        TEXT,
        "a line of metrics.jsonl with its checksum"
    ),
    target!(
        "curves",
        logs::curves,
        logs::WORDS,
        16 * KIB,
        TEXT,
        "metrics.jsonl as the report reads it"
    ),
    target!(
        "eval-tables",
        tables::eval_tables,
        tables::WORDS,
        4 * KIB,
        TEXT,
        "images.csv, landmarks.csv, strength.csv, attributes.csv, scores.csv, summary.json"
    ),
];

/// The target of that name.
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
