//! Builds the worker that a sweep needs.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use config::{Backend, BackendKind};
use serde_json::Value;

use crate::failure::Failure;
use crate::{libtorch, places};

/// `cargo` as it was called, in the workspace's root.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(places::root());
    command
}

/// The arguments that build a worker with these backends.
///
/// They are such that `cargo test --workspace` with the same features finds everything compiled: burn
/// takes minutes and must not be compiled twice. See [`shared_features`].
fn build_arguments(kinds: &BTreeSet<BackendKind>) -> Vec<String> {
    let mut arguments = vec!["build".to_owned(), "--package".to_owned(), "resgan".to_owned()];
    arguments.extend(feature_arguments(kinds));
    arguments
}

/// The features of these backends; flex is always there, for it costs next to nothing.
pub(crate) fn feature_arguments(kinds: &BTreeSet<BackendKind>) -> Vec<String> {
    let extra = kinds.iter().filter(|&&kind| kind != BackendKind::Flex);
    let features: Vec<String> = extra.map(|kind| format!("resgan/{}", kind.name())).collect();
    match features.is_empty() {
        true => Vec::new(),
        false => vec!["--features".to_owned(), features.join(",")],
    }
}

/// Checks that builds of the worker, of this program and of the tests give every crate the same features.
/// Cargo unites features over what it is told to build, so a new dependency can make burn, or serde and all
/// that stands on it, compile twice; `Cargo.toml` of the worker or of this program then has to ask for the
/// missing feature too.
pub(crate) fn shared_features() -> Result<(), Failure> {
    let tests = features(&["--workspace", "--edges", "normal,build,dev"])?;
    let mut complaints = Vec::new();
    for (package, manifest) in
        [("resgan", "crates/resgan/Cargo.toml"), ("xtask", "xtask/Cargo.toml")]
    {
        let own = features(&["--package", package, "--edges", "normal,build"])?;
        let missing: Vec<&str> = own.difference(&tests).map(String::as_str).collect();
        if !missing.is_empty() {
            complaints.push(format!(
                "error: tests build these crates of {package} with other features:\n  {}\n\
                 help: ask for the tests' features in {manifest}, so that they are built once",
                missing.join("\n  ")
            ));
        }
    }
    match complaints.is_empty() {
        true => Ok(()),
        false => Err(Failure::Failed(complaints.join("\n"))),
    }
}

/// Every crate that a selection builds, with its features.
fn features(selection: &[&str]) -> Result<BTreeSet<String>, Failure> {
    let mut command = cargo();
    command.args(["tree", "--prefix", "none", "--no-dedupe", "--format", "{p} [{f}]"]);
    let output = command.args(selection).stderr(Stdio::inherit()).output();
    let output =
        output.map_err(|e| Failure::Failed(format!("error: cannot run cargo tree: {e}")))?;
    if !output.status.success() {
        return Err(Failure::Failed("error: `cargo tree` failed".to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

fn names(kinds: &BTreeSet<BackendKind>) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.name()).collect()
}

/// Builds the worker; cargo's own messages pass through. Gives the path of the program.
pub(crate) fn build(kinds: &BTreeSet<BackendKind>) -> Result<PathBuf, Failure> {
    eprintln!("building the worker ({})", names(kinds).join(", "));
    let failed =
        |error: std::io::Error| Failure::Failed(format!("error: cannot run cargo: {error}"));
    let mut command = cargo();
    if kinds.contains(&BackendKind::Libtorch) {
        libtorch::lend(&mut command);
    }
    command.args(build_arguments(kinds)).arg("--message-format=json-render-diagnostics");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut program = None;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            program = executable(&line.map_err(failed)?).or(program);
        }
    }
    let status = child.wait().map_err(failed)?;
    match program {
        Some(program) if status.success() => {
            // Which backends are in it cannot be seen from outside; `doctor` reads this note.
            let mut compiled = names(kinds);
            if !kinds.contains(&BackendKind::Flex) {
                compiled.insert(0, BackendKind::Flex.name());
            }
            let _ = std::fs::write(note(&program), compiled.join("\n"));
            Ok(program)
        }
        _ => Err(Failure::Failed("error: the worker does not build, see above".to_owned())),
    }
}

/// The program that one of cargo's JSON messages announces, if it is the worker.
fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let target = message.get("target")?;
    let is_worker = target.get("name")? == "resgan"
        && target.get("kind")?.as_array()?.iter().any(|kind| kind == "bin");
    let path = message.get("executable")?.as_str()?;
    is_worker.then(|| PathBuf::from(path))
}

fn note(program: &Path) -> PathBuf {
    program.with_extension("backends")
}

/// Backends of the worker that was built last beside this program; none if there is none.
pub(crate) fn compiled() -> Vec<String> {
    let text = std::fs::read_to_string(note(&beside()));
    text.unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Where cargo puts the worker of this build.
pub(crate) fn beside() -> PathBuf {
    std::env::current_exe().map(|exe| exe.with_file_name("resgan")).unwrap_or_default()
}

/// Lets a worker open a device: its name, or why it cannot.
pub(crate) fn probe(worker: &Path, backend: &Backend) -> Result<String, String> {
    let index = backend.index.to_string();
    let mut command = Command::new(worker);
    command.args(["probe", backend.kind.name(), "--index", &index]);
    command.args(["--precision", backend.precision.name()]).stdin(Stdio::null());
    let output = command.output().map_err(|e| format!("cannot run {}: {e}", worker.display()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => {
            let errors = text(&output.stderr);
            // Drivers talk too; what matters is the first line that is ours, or the last of all.
            let ours = errors.lines().find_map(|line| line.strip_prefix("error: "));
            Err(ours.or(errors.lines().last()).unwrap_or("it ended without a word").to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flex_alone_is_the_default_build() {
        let arguments = build_arguments(&BTreeSet::from([BackendKind::Flex]));
        assert_eq!(arguments, ["build", "--package", "resgan"]);
    }

    #[test]
    fn other_backends_are_built_only_when_asked_for() {
        let arguments = build_arguments(&BTreeSet::from([BackendKind::Wgpu, BackendKind::Flex]));
        assert_eq!(arguments.last().map(String::as_str), Some("resgan/wgpu"));
    }

    #[test]
    fn the_worker_is_told_from_other_programs() {
        let message = |name: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"name":"{name}","kind":["bin"]}},"executable":"/t/{name}"}}"#
            )
        };
        assert_eq!(executable(&message("resgan")), Some(PathBuf::from("/t/resgan")));
        assert_eq!(executable(&message("xtask")), None);
        assert_eq!(executable(r#"{"reason":"build-finished","success":true}"#), None);
    }
}
