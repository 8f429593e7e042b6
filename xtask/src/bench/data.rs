//! Decoding and cropping of JPEG faces.

use config::{BackendKind, RunConfig};
use serde_json::json;

use super::server::{Server, ratios, take_turns};
use super::workbench::{Bench, Found, number};
use crate::failure::Failure;

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
    let run = faces(bench, 64, FACES)?;
    let config = bench.config("data", &run, BackendKind::Flex)?;
    let root = std::path::PathBuf::from(&run.data.root);
    let mut servers = Vec::new();
    for variant in ["eager", "channels_last"] {
        let mut command = bench.peer("data", &root)?;
        command.args(["--variant", variant]);
        let name = if variant == "eager" { "Pillow" } else { "torchvision" };
        servers.push(Server::start(name, command)?);
    }
    servers.push(Server::start("resgan", bench.ours("decode", &config))?);
    take_turns(&mut servers, usize::from(bench.arguments.rounds), 2.0)?;
    let (theirs, ours) = servers.split_at(2);
    let best = theirs.iter().max_by(|a, b| a.median().total_cmp(&b.median()));
    let (Some(best), Some(ours)) = (best, ours.first()) else {
        return Err(Failure::Failed("error: nothing was measured".to_owned()));
    };
    // A repetition is a thousand images.
    let rows = servers.iter().map(|server| {
        let [median, least, most] = ratios(&server.rates, &best.rates);
        let range = format!("{least:.2} to {most:.2}");
        vec![server.name.clone(), number(1e3 * server.median()), format!("{median:.2}"), range]
    });
    let [ratio, least, most] = ratios(&ours.rates, &best.rates);
    Ok(Found {
        name: "data",
        header: vec!["program", "images/s", "ratio", "range"],
        rows: rows.collect(),
        json: json!({ "rows": [{
            "backend": "resgan", "peer": best.name, "ratio_median": ratio, "ratio_min": least,
            "ratio_max": most, "images_per_second": 1e3 * ours.median(),
            "peer_images_per_second": 1e3 * best.median(),
        }] }),
    })
}
