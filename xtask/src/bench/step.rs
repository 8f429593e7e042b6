//! Training steps.

use config::RunConfig;
use serde_json::json;

use super::arguments::PeerDevice;
use super::server::{Server, ratios, take_turns};
use super::workbench::{Bench, Found, finish, number};
use crate::failure::Failure;

/// Image side, width, batch: small and many, the paper's network on few, smaller still.
pub(super) const SIZES: [[usize; 3]; 3] = [[64, 16, 16], [128, 64, 2], [32, 16, 16]];
/// About as long is a turn.
const TURN_SECONDS: f64 = 1.5;

pub(super) fn settings([size, width, batch]: [usize; 3]) -> Result<RunConfig, Failure> {
    let text = format!(
        "[data]\nsize = {size}\n[model]\nwidth = {width}\nupsample = \"nearest-conv\"\n\
         [losses]\nalpha = 1e-3\n[train]\nbatch = {batch}\n"
    );
    Ok(RunConfig::from_toml(&text, "benchmark")?)
}

pub(super) fn run(bench: &Bench) -> Result<Found, Failure> {
    let arguments = bench.arguments;
    let shapes = if arguments.shapes.is_empty() { &SIZES[..] } else { &arguments.shapes };
    let sizes = shapes.iter().filter(|[size, ..]| arguments.size.is_none_or(|s| s == *size));
    let (mut rows, mut objects) = (Vec::new(), Vec::new());
    for &sizes in sizes {
        let [size, width, batch] = sizes;
        eprintln!("{size} pixels, width {width}, batch {batch}");
        let run = settings(sizes)?;
        let name = format!("{size}-{width}-{batch}");
        let folder = bench.scratch.0.join(&name);
        let mut ours = Vec::new();
        for &kind in &bench.kinds {
            let config = bench.config(&name, &run, kind)?;
            if ours.is_empty() {
                let mut files = bench.ours("files", &config);
                finish(
                    {
                        files.arg("--dir").arg(&folder);
                        files
                    },
                    "the worker",
                )?;
            }
            ours.push(Server::start(kind.name(), bench.ours("step", &config))?);
        }
        let mut servers = Vec::new();
        let variants = ["eager", "channels_last", "compile"];
        for variant in variants.into_iter().filter(|v| *v != "compile" || !arguments.no_compile) {
            let mut command = bench.peer("step", &folder)?;
            command.args(["--variant", variant]);
            if arguments.peer_device == PeerDevice::Cuda {
                command.args(["--device", "cuda"]);
            }
            if arguments.tf32 {
                command.arg("--tf32");
            }
            servers.push(Server::start(&format!("torch {variant}"), command)?);
        }
        let peers = servers.len();
        servers.extend(ours);
        take_turns(&mut servers, usize::from(arguments.rounds), TURN_SECONDS)?;

        let (theirs, ours) = servers.split_at(peers);
        let best = theirs.iter().max_by(|a, b| a.median().total_cmp(&b.median()));
        let Some(best) = best else { continue };
        let batch = batch as f64;
        for server in theirs.iter().chain(ours) {
            let [median, least, most] = ratios(&server.rates, &best.rates);
            rows.push(vec![
                format!("{size}, {width}, {batch}"),
                server.name.clone(),
                number(server.median() * batch),
                format!("{median:.2}"),
                format!("{least:.2} to {most:.2}"),
                format!("{:.0}", server.peak_mib),
                format!("{:.1}", server.first),
            ]);
        }
        objects.extend(ours.iter().map(|server| {
            let [median, least, most] = ratios(&server.rates, &best.rates);
            json!({
                "backend": server.name, "peer": best.name, "size": size, "width": width,
                "batch": batch, "ratio_median": median, "ratio_min": least, "ratio_max": most,
                "pairs_per_second": server.median() * batch,
                "peer_pairs_per_second": best.median() * batch, "peak_mib": server.peak_mib,
                "first_step_seconds": server.first,
            })
        }));
    }
    Ok(Found {
        name: "step",
        header: vec![
            "size, width, batch",
            "program",
            "pairs/s",
            "ratio",
            "range",
            "peak MiB",
            "first step s",
        ],
        rows,
        json: json!({ "rows": objects }),
    })
}
