//! `cargo xtask doctor`: which backends this machine can use, and what to do about the others.
//!
//! A backend is opened by the worker, in a process of its own: a broken driver must not break the
//! diagnosis. Where no worker has it yet, files tell whether it could be built and would start.

use std::path::PathBuf;

use config::{Backend, BackendKind, Precision};
use serde_json::json;

use crate::failure::Failure;
use crate::format::Plain;
use crate::pipe::say;
use crate::{libtorch, table, worker};

/// What is known of a backend on this machine.
struct Finding {
    kind: BackendKind,
    /// Whether the worker that stands has it.
    compiled: bool,
    /// Whether what it needs at run time is here.
    usable: bool,
    device: Option<String>,
    remedy: Option<String>,
}

pub(crate) fn run(format: Plain) -> Result<(), Failure> {
    let compiled = worker::compiled();
    let findings: Vec<Finding> = BackendKind::ALL
        .iter()
        .map(|&kind| look(kind, compiled.iter().any(|name| name == kind.name())))
        .collect();
    match format {
        Plain::Json => {
            let backends: Vec<_> = findings.iter().map(Finding::json).collect();
            say!("{}", json!({ "backends": backends }));
        }
        Plain::Table => {
            let header = ["backend", "compiled", "usable", "device", "remedy"];
            table::print(header, findings.iter().map(Finding::row));
        }
    }
    Ok(())
}

impl Finding {
    fn row(&self) -> [String; 5] {
        let yes = |b: bool| if b { "yes" } else { "no" }.to_owned();
        let text = |t: &Option<String>| t.clone().unwrap_or("-".to_owned());
        let (compiled, usable) = (yes(self.compiled), yes(self.usable));
        [self.kind.to_string(), compiled, usable, text(&self.device), text(&self.remedy)]
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "kind": self.kind.name(), "compiled": self.compiled, "usable": self.usable,
            "device": self.device, "remedy": self.remedy,
        })
    }
}

fn look(kind: BackendKind, compiled: bool) -> Finding {
    let (mut device, mut missing) = needs(kind);
    if compiled && missing.is_none() {
        let backend = Backend { kind, index: 0, threads: 1, precision: Precision::F32 };
        match worker::probe(&worker::beside(), &backend) {
            Ok(name) if kind == BackendKind::Wgpu => device = Some(name),
            Ok(_) => {}
            Err(text) => missing = Some(text),
        }
    }
    let usable = missing.is_none();
    let build = format!("`cargo xtask run --backend {kind}` builds it");
    let remedy = missing.or_else(|| (!compiled).then_some(build));
    Finding { kind, compiled, usable, device, remedy }
}

/// What this machine has for a backend, and what is missing, with the command that mends it.
fn needs(kind: BackendKind) -> (Option<String>, Option<String>) {
    match kind {
        BackendKind::Flex => (Some(processor()), None),
        BackendKind::Wgpu => vulkan(),
        BackendKind::Libtorch => torch(),
    }
}

/// Refuses backends that this machine cannot build or start, before anything is.
pub(crate) fn require(kinds: impl IntoIterator<Item = BackendKind>) -> Result<(), Failure> {
    for kind in kinds {
        if let (_, Some(missing)) = needs(kind) {
            let text = format!("error: backend \"{kind}\" cannot run here\nhelp: {missing}");
            return Err(Failure::BadInput(text));
        }
    }
    Ok(())
}

pub(crate) fn processor() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("processor", |rest| rest.trim_start_matches([' ', '\t', ':']));
    format!("{model}, {cores} cores")
}

/// The first Vulkan driver, or what is missing. macOS and Windows bring their own graphics library.
pub(crate) fn vulkan() -> (Option<String>, Option<String>) {
    if !cfg!(target_os = "linux") {
        return (Some("the system's graphics library".to_owned()), None);
    }
    let folders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
    let driver = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .min();
    let loader = library_folders().iter().any(|folder| folder.join("libvulkan.so.1").exists());
    match (driver, loader) {
        (Some(driver), true) => (Some(driver), None),
        (device, false) => {
            let remedy = "install the Vulkan loader (libvulkan1 or vulkan-loader); on Debian as \
                          root, `cargo xtask setup vulkan --install` does";
            (device, Some(remedy.to_owned()))
        }
        (None, true) => {
            let remedy = "install a Vulkan driver (the GPU's, or mesa-vulkan-drivers for any \
                          processor); on Debian as root, `cargo xtask setup vulkan --install` does";
            (None, Some(remedy.to_owned()))
        }
    }
}

fn library_folders() -> Vec<PathBuf> {
    let usual = ["/usr/lib", "/usr/lib64", "/lib", "/usr/local/lib"].map(PathBuf::from);
    let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let extra = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = usual.into();
    folders.push(multiarch.into());
    folders.extend(std::env::split_paths(&extra));
    folders
}

/// The libtorch that the build would take, or what is missing.
fn torch() -> (Option<String>, Option<String>) {
    let Some(home) = libtorch::home() else {
        return (None, Some("`cargo xtask setup libtorch` brings it".to_owned()));
    };
    let version = libtorch::version(&home).unwrap_or_default();
    let place = if libtorch::uses_cuda() { "CUDA" } else { "processor" };
    let device = format!("libtorch {version} ({place}) in {}", home.display());
    match version.starts_with(libtorch::TORCH) {
        true => (Some(device), None),
        false => {
            let wanted = libtorch::TORCH;
            let remedy = format!(
                "burn 0.22 needs release {wanted}: unset LIBTORCH, then `cargo xtask setup libtorch`"
            );
            (Some(device), Some(remedy))
        }
    }
}
