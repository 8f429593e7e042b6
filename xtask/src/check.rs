//! `cargo xtask test`, `lint` and `docs`: what keeps the workspace honest.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use config::BackendKind;

use crate::failure::Failure;
use crate::pipe::say;
use crate::worker::{cargo, shared_features};
use crate::{catalogues, doctor, libtorch, links, places, worker};

/// Runs every test, with these backends compiled in. Tests of a backend that is not are not there. A
/// suite that fails keeps no other from running; cargo lists those that did at the end.
pub(crate) fn test(kinds: &BTreeSet<BackendKind>, arguments: &[String]) -> Result<(), Failure> {
    doctor::require(kinds.iter().copied())?;
    let mut command = cargo();
    if kinds.contains(&BackendKind::Libtorch) {
        libtorch::lend(&mut command);
    }
    const ALL: &str = "--no-fail-fast";
    let features = worker::feature_arguments(kinds);
    // A test that builds a copy of this workspace builds it alike.
    command.env("RESGAN_FEATURES", features.last().map_or("", String::as_str));
    command.args(["test", "--workspace"]).args(features);
    // Cargo takes an option once, and what stands behind `--` is not for it.
    let given = arguments.iter().take_while(|word| *word != "--").any(|word| word == ALL);
    command.args((!given).then_some(ALL)).args(arguments);
    succeed(command)
}

/// Formatting, clippy, documentation, generated pages, links, shared builds; goes on after a complaint
/// to show all of them.
pub(crate) fn lint(kinds: &BTreeSet<BackendKind>) -> Result<(), Failure> {
    let mut format = cargo();
    format.args(["fmt", "--all", "--check"]);
    let mut clippy = cargo();
    if kinds.contains(&BackendKind::Libtorch) {
        libtorch::lend(&mut clippy);
    }
    clippy.args(["clippy", "--workspace", "--all-targets"]);
    clippy.args(worker::feature_arguments(kinds)).args(["--", "-D", "warnings"]);
    let mut pages = cargo();
    pages.args(["doc", "--quiet", "--workspace", "--no-deps"]);
    pages.args(worker::feature_arguments(kinds)).env("RUSTDOCFLAGS", "-D warnings");
    if kinds.contains(&BackendKind::Libtorch) {
        libtorch::lend(&mut pages);
    }
    let checks =
        [succeed(format), succeed(clippy), succeed(pages), docs(true), links(), shared_features()];
    checks.into_iter().fold(Ok(()), Result::and)?;
    eprintln!("format, clippy, rustdoc, pages, links and features: no complaint");
    Ok(())
}

/// Refuses pages that lead nowhere.
fn links() -> Result<(), Failure> {
    match links::complaints(places::root())[..] {
        [] => Ok(()),
        ref found => {
            Err(Failure::Failed(format!("error: pages lead nowhere:\n{}", found.join("\n"))))
        }
    }
}

/// Writes the pages that follow from the code: the reference of the configuration and, by the tests
/// that hold them, those that this program cannot know. `check` fails if the former is stale.
pub(crate) fn docs(check: bool) -> Result<(), Failure> {
    page("docs/configuration.md", &config::reference_page(), check)?;
    page("docs/catalogues.md", &catalogues::page(), check)?;
    if check {
        return Ok(());
    }
    let mut pages = cargo();
    pages.args(["test", "--quiet", "--workspace", "--test", "page"]).env("RESGAN_DOCS", "write");
    succeed(pages)
}

/// Writes one page below the root, or checks that it is current.
fn page(name: &str, text: &str, check: bool) -> Result<(), Failure> {
    let path = places::root().join(name);
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if check {
        let text = format!("error: {} is stale; run `cargo xtask docs`", path.display());
        return Err(Failure::Failed(text));
    }
    fs::write(&path, text)
        .map_err(|e| Failure::Failed(format!("error: cannot write {}: {e}", path.display())))?;
    say!("wrote {}", path.display());
    Ok(())
}

fn succeed(mut command: Command) -> Result<(), Failure> {
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    let words = format!("cargo {}", words.join(" "));
    eprintln!("$ {words}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::Failed(format!("error: `{words}` failed"))),
        Err(e) => Err(Failure::Failed(format!("error: cannot run cargo: {e}"))),
    }
}
