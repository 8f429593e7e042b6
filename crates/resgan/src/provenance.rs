//! Where a cell's numbers came from.

use std::process::Command;

use config::RunConfig;
use serde::Serialize;

/// The content of `provenance.json`.
#[derive(Serialize)]
pub(crate) struct Provenance {
    program: &'static str,
    version: &'static str,
    burn: &'static str,
    git_commit: Option<String>,
    /// BLAKE3 of `git diff HEAD`; absent when the tree was clean.
    git_dirty: Option<String>,
    host: String,
    processor: Option<String>,
    os: &'static str,
    backend: String,
    threads: usize,
    data_fingerprint: String,
    config_hash: String,
    attempt: String,
    started_unix: u64,
}

impl Provenance {
    pub(crate) fn collect(
        run: &RunConfig,
        data_fingerprint: &str,
        config_hash: &str,
        attempt: &str,
    ) -> Self {
        let diff = git(&["diff", "HEAD"]).filter(|diff| !diff.is_empty());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned());
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Provenance {
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            burn: "0.22.1",
            git_commit: git(&["rev-parse", "HEAD"]).map(|text| text.trim().to_owned()),
            git_dirty: diff.map(|diff| blake3::hash(diff.as_bytes()).to_hex().to_string()),
            host: host.trim().to_owned(),
            processor,
            os: std::env::consts::OS,
            backend: run.backend.kind.name().to_owned(),
            threads: run.backend.threads,
            data_fingerprint: data_fingerprint.to_owned(),
            config_hash: config_hash.to_owned(),
            attempt: attempt.to_owned(),
            started_unix: now.unwrap_or_default().as_secs(),
        }
    }
}

/// Asks the checkout that this program was built from.
fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").arg("-C").arg(env!("CARGO_MANIFEST_DIR")).args(arguments).output();
    let output = output.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
