//! `cargo xtask setup`: brings what a backend needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Subcommand;

use crate::failure::Failure;
use crate::pipe::say;
use crate::{doctor, libtorch, places};

/// Measured with pip 23 on x86-64 Linux: what is downloaded, and what it takes unpacked, in GB.
const DOWNLOAD_GB: f64 = 4.1;
const DISK_GB: f64 = 7.1;

#[derive(Subcommand)]
pub(crate) enum Setup {
    /// Put PyTorch, which has libtorch inside, into .libtorch/ of this checkout
    Libtorch,
    /// Say what is missing for the wgpu backend
    Vulkan {
        /// Install it with the system's package manager (Debian and its kin, as root)
        #[arg(long)]
        install: bool,
    },
}

pub(crate) fn run(setup: &Setup) -> Result<(), Failure> {
    match setup {
        Setup::Libtorch => libtorch(),
        Setup::Vulkan { install } => vulkan(*install),
    }
}

/// All or nothing: packages gather in a folder of another name, which is renamed at the end.
fn libtorch() -> Result<(), Failure> {
    let target = libtorch::packages();
    remove_leftovers(&target)?;
    if let Some(home) = libtorch::home() {
        let version = libtorch::version(&home).unwrap_or_default();
        say!("libtorch {version} is ready in {}", home.display());
        return check_compiler();
    }
    check_compiler()?;
    let partial = target.with_extension(format!("partial-{}", std::process::id()));
    let (torch, vision) = (libtorch::TORCH, libtorch::TORCHVISION);
    say!(
        "downloading PyTorch {torch} and what it depends on: about {DOWNLOAD_GB} GB, {DISK_GB} GB \
         unpacked, into {}",
        target.display()
    );
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--no-cache-dir", "--target"]).arg(&partial).args([
        &format!("torch=={torch}"),
        &format!("torchvision=={vision}"),
        "numpy",
        "pillow",
        "safetensors",
        "setuptools",
    ]);
    let installed = run_to_end(pip, "pip").and_then(|()| {
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", &partial).args(["-c", "import torch, torchvision, safetensors"]);
        run_to_end(python, "PyTorch does not start; python3")
    });
    let done = installed
        .and_then(|()| fs::rename(&partial, &target).map_err(cannot("rename to", &target)));
    if done.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    done?;
    say!("libtorch {torch} is ready in {}", target.join("torch").display());
    Ok(())
}

/// Folders that an interrupted set-up has left, unless it still runs.
fn remove_leftovers(target: &Path) -> Result<(), Failure> {
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let entries = fs::read_dir(places::root()).into_iter().flatten().flatten();
    for entry in entries {
        let found = entry.file_name().to_string_lossy().into_owned();
        let process = found.strip_prefix(&format!("{name}.partial-"));
        let Some(process) = process else { continue };
        if Path::new("/proc").join(process).exists() {
            let text = format!("error: another set-up (process {process}) is at work; wait for it");
            return Err(Failure::Failed(text));
        }
        fs::remove_dir_all(entry.path()).map_err(cannot("remove", &entry.path()))?;
    }
    Ok(())
}

/// The bindings to libtorch are compiled, and so are our own few functions.
fn check_compiler() -> Result<(), Failure> {
    let mut compiler = Command::new("c++");
    match compiler.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Failure::Failed(
            "error: no C++ compiler: install g++ (Debian: apt-get install g++)".to_owned(),
        )),
    }
}

fn vulkan(install: bool) -> Result<(), Failure> {
    let (driver, missing) = doctor::vulkan();
    let Some(missing) = missing else {
        say!("Vulkan is ready: driver {}", driver.unwrap_or_default());
        return Ok(());
    };
    if !install {
        return Err(Failure::Failed(format!("error: {missing}")));
    }
    let mut apt = Command::new("apt-get");
    apt.args(["install", "-y", "--no-install-recommends", "libvulkan1", "mesa-vulkan-drivers"]);
    run_to_end(apt, "apt-get")?;
    vulkan(false)
}

fn run_to_end(mut command: Command, name: &str) -> Result<(), Failure> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Failed(format!("error: {name} failed ({status}), see above"))),
        Err(e) => Err(Failure::Failed(format!("error: cannot run {name}: {e}"))),
    }
}

fn cannot(verb: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path: PathBuf = path.to_owned();
    move |e| Failure::Failed(format!("error: cannot {verb} {}: {e}", path.display()))
}
