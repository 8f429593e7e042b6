//! What this program is made of, and where a cell's numbers came from.

use std::time::{SystemTime, UNIX_EPOCH};

use config::RunConfig;
use data::Prepared;
use record::tables::LogColumn;
use record::{Build, Code, Judged, this_host};
use serde::Serialize;

use crate::turns;

/// Name and version.
pub(crate) const PROGRAM: &str = concat!("resgan ", env!("CARGO_PKG_VERSION"));

/// What this program is made of, as it was built.
pub(crate) fn build() -> Build {
    let commit = env!("RESGAN_COMMIT");
    Build {
        program: PROGRAM.to_owned(),
        commit: (!commit.is_empty()).then(|| commit.to_owned()),
        dirty: env!("RESGAN_DIRTY") == "true",
        burn: code::BURN.to_owned(),
        rustc: env!("RESGAN_RUSTC").to_owned(),
        backends: backend::compiled().into_iter().map(|kind| kind.name().to_owned()).collect(),
        code: Code {
            training: code::TRAINING.to_owned(),
            judges: code::JUDGES.to_owned(),
            judging: code::JUDGING.to_owned(),
        },
    }
}

/// Program, machine and attempt.
#[derive(Serialize)]
struct Origin {
    program: &'static str,
    version: &'static str,
    build: Build,
    host: &'static str,
    processor: Option<String>,
    os: &'static str,
    attempt: String,
    started_unix: u64,
}

impl Origin {
    fn of(attempt: &str) -> Origin {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
        Origin {
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            build: build(),
            host: this_host(),
            processor: model.map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned()),
            os: std::env::consts::OS,
            attempt: attempt.to_owned(),
            started_unix: now.as_secs(),
        }
    }
}

/// The content of `provenance.json`: what trained a cell.
#[derive(Serialize)]
pub(crate) struct Trained {
    #[serde(flatten)]
    origin: Origin,
    backend: String,
    threads: usize,
    data_fingerprint: String,
    config_hash: String,
    /// What the columns of `metrics.jsonl` are.
    log: Vec<LogColumn>,
    /// How far its faces are turned ([`crate::turns`]), degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    yaw: Option<[f32; 2]>,
}

impl Trained {
    pub(crate) fn collect(run: &RunConfig, data: &Prepared, hash: &str, attempt: &str) -> Self {
        Trained {
            origin: Origin::of(attempt),
            backend: run.backend.kind.name().to_owned(),
            threads: run.backend.threads,
            data_fingerprint: data.fingerprint.clone(),
            config_hash: hash.to_owned(),
            log: train::columns(run),
            yaw: turns::seen(data, run.data.flip),
        }
    }
}

/// The content of `eval/provenance.json`: what judged a cell.
#[derive(Serialize)]
pub(crate) struct JudgedBy {
    #[serde(flatten)]
    origin: Origin,
    backend: String,
    threads: usize,
    judged: Judged,
}

impl JudgedBy {
    pub(crate) fn collect(run: &RunConfig, judged: &Judged, attempt: &str) -> Self {
        let backend = run.judging();
        JudgedBy {
            origin: Origin::of(attempt),
            backend: backend.kind.name().to_owned(),
            threads: backend.threads,
            judged: judged.clone(),
        }
    }
}
