//! Builds the worker that a sweep needs.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use config::BackendKind;
use serde_json::Value;

use crate::failure::Failure;
use crate::places;

/// `cargo` as it was called, in the workspace's root.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(places::root());
    command
}

/// A small test target, selected along with the worker.
const TEST: &str = "refusals";

/// The arguments that build a worker with these backends.
///
/// On flex alone, the default, the same artifacts serve `cargo test --workspace`: burn takes minutes
/// to compile and must not be compiled twice. Cargo unites features over the packages it is told to
/// select, and over their dev-dependencies only if a selected target may use these. So the whole
/// workspace is selected, of it the worker and one small test that needs no burn: `--package resgan`,
/// and `--workspace --bin resgan` alone, resolve `regex-automata` and `portable-atomic`, on which
/// burn stands, with fewer features than the tests do.
fn build_arguments(kinds: &BTreeSet<BackendKind>) -> Vec<String> {
    let default = kinds.iter().all(|&kind| kind == BackendKind::Flex);
    let words = match default {
        true => vec!["build", "--workspace", "--bin", "resgan", "--test", TEST],
        false => vec!["build", "--package", "resgan", "--no-default-features"],
    };
    let mut arguments: Vec<String> = words.into_iter().map(str::to_owned).collect();
    if !default {
        arguments.push("--features".to_owned());
        arguments.push(names(kinds).join(","));
    }
    arguments
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
            let _ = std::fs::write(note(&program), names(kinds).join("\n"));
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
    let beside = std::env::current_exe().map(|exe| exe.with_file_name("resgan"));
    let text = beside.and_then(|worker| std::fs::read_to_string(note(&worker)));
    text.unwrap_or_default().lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flex_alone_shares_artifacts_with_the_tests() {
        let arguments = build_arguments(&BTreeSet::from([BackendKind::Flex]));
        assert!(arguments.contains(&"--workspace".to_owned()));
        assert!(places::root().join(format!("crates/config/tests/{TEST}.rs")).exists());
        assert!(!arguments.contains(&"--features".to_owned()));
    }

    #[test]
    fn other_backends_are_built_only_when_asked_for() {
        let arguments = build_arguments(&BTreeSet::from([BackendKind::Wgpu, BackendKind::Flex]));
        assert_eq!(arguments.last().map(String::as_str), Some("flex,wgpu"));
        assert!(arguments.contains(&"--no-default-features".to_owned()));
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
