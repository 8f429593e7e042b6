//! Decoding and cropping of JPEG faces.

use std::io::BufRead;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use config::{BackendKind, RunConfig};
use serde_json::json;

use super::server::{Server, ratios, take_turns};
use super::workbench::{Bench, Found, number};
use crate::failure::Failure;
use crate::pipe::say;

const FACES: usize = 1500;

/// Writes faces in CelebA's layout; the configuration that reads them all.
pub(super) fn faces(bench: &Bench, size: usize, count: usize) -> Result<RunConfig, Failure> {
    let root = bench.scratch.0.join(format!("celeba-{count}"));
    let spec = data::synthetic::Spec { count, seed: 1, correlation: 0.5 };
    data::synthetic::write(&root, &spec, &|_, _| {}).map_err(|e| Failure::new(false, e))?;
    let text = format!(
        "[data]\nsource = \"celeba\"\nroot = {:?}\nsize = {size}\ntest_per_class = 50\n\
         attribute = \"male\"\n",
        root.to_string_lossy()
    );
    Ok(RunConfig::from_toml(&text, "benchmark")?)
}

pub(super) fn run(bench: &Bench) -> Result<Found, Failure> {
    let asked = |size: &usize| bench.arguments.size.is_none_or(|asked| asked == *size);
    let sizes: Vec<usize> = [64, 128].into_iter().filter(asked).collect();
    if sizes.is_empty() {
        return Err(Failure::BadInput("error: crops are measured at 64 and 128 pixels".to_owned()));
    }
    let mut run = faces(bench, 64, FACES)?;
    let (mut rows, mut found) = (Vec::new(), Vec::new());
    for size in sizes {
        run.data.size = size;
        let servers = measured(bench, &run)?;
        let (theirs, ours) = servers.split_at(2);
        let best = theirs.iter().max_by(|a, b| a.median().total_cmp(&b.median()));
        let (Some(best), Some(ours)) = (best, ours.first()) else {
            return Err(Failure::Failed("error: nothing was measured".to_owned()));
        };
        for server in &servers {
            let [median, least, most] = ratios(&server.rates, &best.rates);
            rows.push(vec![
                size.to_string(),
                server.name.clone(),
                // A repetition is a thousand images.
                number(1e3 * server.median()),
                format!("{median:.2}"),
                format!("{least:.2} to {most:.2}"),
            ]);
        }
        let [ratio, least, most] = ratios(&ours.rates, &best.rates);
        found.push(json!({
            "size": size, "backend": "resgan", "peer": best.name, "ratio_median": ratio,
            "ratio_min": least, "ratio_max": most, "images_per_second": 1e3 * ours.median(),
            "peer_images_per_second": 1e3 * best.median(),
        }));
    }
    let header = vec!["pixels", "program", "images/s", "ratio", "range"];
    Ok(Found { name: "data", header, rows, json: json!({ "rows": found }) })
}

/// Pillow, torchvision and this program, each after its turns.
fn measured(bench: &Bench, run: &RunConfig) -> Result<Vec<Server>, Failure> {
    let config = bench.config("data", run, BackendKind::Flex)?;
    let mut servers = Vec::new();
    for (name, variant) in [("Pillow", "eager"), ("torchvision", "channels_last")] {
        let mut command = bench.peer("data", Path::new(&run.data.root))?;
        command.args(["--variant", variant, "--size", &run.data.size.to_string()]);
        servers.push(Server::start(name, command)?);
    }
    let mut command = Command::new(&bench.worker);
    command.args(["decode-turns", "--config"]).arg(&config).arg("--cache").arg(&bench.scratch.0);
    command.env("RAYON_NUM_THREADS", bench.arguments.threads().to_string());
    servers.push(Server::start("resgan", command)?);
    take_turns(&mut servers, usize::from(bench.arguments.rounds), 2.0)?;
    Ok(servers)
}

/// What is measured of this program: reads numbers of passes over a run's images on standard input, and
/// answers each with the seconds that as many thousands of them took, from annotations to the cache's proof.
pub(crate) fn decode_turns(config: &Path, cache: &Path) -> Result<(), Failure> {
    let run = RunConfig::load(config, &[])?;
    let cache = cache.join(format!("decoded-{}", std::process::id()));
    say!("{}", json!({ "ready": true }));
    for line in std::io::stdin().lock().lines() {
        let count = line.ok().and_then(|line| line.trim().parse::<u32>().ok());
        let count = count.ok_or_else(|| {
            Failure::BadInput("error: expected a number of passes on a line".to_owned())
        })?;
        let (start, mut images) = (Instant::now(), 0);
        for _ in 0..count {
            let prepared = data::prepare(&run.data, run.eval.part, &cache, &|_, _| {});
            // Nothing is found ready.
            let _ = std::fs::remove_dir_all(&cache);
            images += prepared?.images.len();
        }
        let seconds = start.elapsed().as_secs_f64() * 1e3 * f64::from(count) / images as f64;
        say!("{}", json!({ "seconds": seconds }));
    }
    Ok(())
}
