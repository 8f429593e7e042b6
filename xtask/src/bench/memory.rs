//! Whether a training process keeps its size.

use config::{BackendKind, RunConfig};
use serde_json::json;

use super::server::Server;
use super::workbench::{Bench, Found};
use crate::failure::Failure;

const STEPS: usize = 2000;
/// Everything that is allocated once has been by then.
const WARM: usize = 200;

pub(super) fn run(bench: &Bench) -> Result<Found, Failure> {
    let (mut rows, mut objects) = (Vec::new(), Vec::new());
    for &kind in &bench.kinds {
        // Small enough that a software Vulkan driver ends within the hour.
        let [size, width, batch] = match kind {
            BackendKind::Wgpu => [16, 4, 4],
            _ => [32, 16, 16],
        };
        let text = format!(
            "[data]\nsize = {size}\n[model]\nwidth = {width}\n[train]\nbatch = {batch}\n\
             [losses]\nperceptual_layer = 2\n"
        );
        let run = RunConfig::from_toml(&text, "benchmark")?;
        let config = bench.config("memory", &run, kind)?;
        let mut server = Server::start(kind.name(), bench.ours("step", &config))?;
        server.turn(WARM)?;
        let warm = server.resident_mib;
        let mut largest = warm;
        for _ in (WARM..STEPS).step_by(WARM) {
            server.turn(WARM)?;
            largest = largest.max(server.resident_mib);
        }
        rows.push(vec![
            format!("{kind} ({size}, {width}, {batch})"),
            format!("{warm:.0}"),
            format!("{:.0}", server.resident_mib),
            format!("{largest:.0}"),
        ]);
        objects.push(json!({
            "backend": kind.name(), "steps": STEPS, "resident_mib_at_200": warm,
            "resident_mib": server.resident_mib, "largest_mib": largest,
        }));
    }
    let header =
        vec!["backend (size, width, batch)", "MiB after 200", "after 2,000", "largest between"];
    Ok(Found { name: "memory", header, rows, json: json!({ "rows": objects }) })
}
