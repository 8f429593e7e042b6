//! Layers, forward and backward.

use serde_json::{Value, json};

use super::server::{Server, ratios, take_turns};
use super::step;
use super::workbench::{Bench, Found, finish, number};
use crate::failure::Failure;

const TURN_SECONDS: f64 = 0.15;

pub(super) fn run(bench: &Bench) -> Result<Found, Failure> {
    let size = bench.arguments.size.unwrap_or(64);
    let sizes = step::SIZES.into_iter().find(|[side, ..]| *side == size);
    let sizes = sizes.ok_or_else(|| {
        Failure::BadInput(format!("error: no benchmark at {size} pixels; there are 32, 64 and 128"))
    })?;
    let run = step::settings(sizes)?;
    let folder = bench.scratch.0.join("layers");
    let mut servers =
        vec![("torch eager", "eager", None), ("torch channels_last", "channels_last", None)]
            .into_iter()
            .chain(bench.kinds.iter().map(|kind| (kind.name(), "", Some(*kind))))
            .map(|(name, variant, kind)| {
                let kind_or_first = kind
                    .or_else(|| bench.kinds.first().copied())
                    .unwrap_or(config::BackendKind::Flex);
                let config = bench.config("layers", &run, kind_or_first)?;
                if !folder.join("layers.json").exists() {
                    let mut files = bench.ours("files", &config);
                    files.arg("--dir").arg(&folder);
                    finish(files, "the worker")?;
                }
                let command = match kind {
                    Some(_) => bench.ours("ops", &config),
                    None => {
                        let mut peer = bench.peer("ops", &folder)?;
                        peer.args(["--variant", variant]);
                        peer
                    }
                };
                Server::start(name, command)
            })
            .collect::<Result<Vec<_>, _>>()?;

    let text = std::fs::read(folder.join("layers.json"));
    let text = text.map_err(|e| Failure::Failed(format!("error: {e}")))?;
    let layers: Vec<Value> =
        serde_json::from_slice(&text).map_err(|e| Failure::Failed(format!("error: {e}")))?;
    let (mut rows, mut objects) = (Vec::new(), Vec::new());
    for (index, layer) in layers.iter().enumerate() {
        for server in &mut servers {
            server.prefix = format!("{index} ");
            server.rates.clear();
        }
        take_turns(&mut servers, usize::from(bench.arguments.rounds), TURN_SECONDS)?;
        let (theirs, ours) = servers.split_at(2);
        let best = theirs.iter().max_by(|a, b| a.median().total_cmp(&b.median()));
        let Some(best) = best else { continue };
        let name = layer["name"].as_str().unwrap_or_default();
        let milliseconds = |server: &Server| number(1e3 / server.median());
        let mut row = vec![
            format!("{name} {}", shape(layer)),
            format!("{} ({})", milliseconds(best), best.name.trim_start_matches("torch ")),
        ];
        for server in ours {
            let [ratio, ..] = ratios(&server.rates, &best.rates);
            row.push(format!("{} ({ratio:.2}x)", milliseconds(server)));
            objects.push(json!({
                "layer": name, "backend": server.name, "peer": best.name, "ratio_median": ratio,
                "milliseconds": 1e3 / server.median(), "peer_milliseconds": 1e3 / best.median(),
            }));
        }
        rows.push(row);
    }
    let header = ["layer", "PyTorch ms"].into_iter().chain(bench.kinds.iter().map(|k| k.name()));
    Ok(Found { name: "ops", header: header.collect(), rows, json: json!({ "rows": objects }) })
}

/// `3 -> 16 @ 64`: channels in, out, side of the input.
fn shape(layer: &Value) -> String {
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let (inputs, side) = (number(&layer["x"][1]), number(&layer["x"][2]));
    let outputs = match layer["kind"].as_str() {
        Some("norm") => return format!("{inputs} @ {side}"),
        Some("deconv") => number(&layer["weight"][1]),
        _ => number(&layer["weight"][0]),
    };
    format!("{inputs} -> {outputs} @ {side}")
}
