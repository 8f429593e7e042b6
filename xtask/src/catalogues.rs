//! `docs/catalogues.md`: what can be named in a configuration, and what is measured and drawn.

use std::fmt::Write;

use config::{Attribute, BackendKind, Place, Precision, Source};
use metrics::catalogue::METRICS;
use metrics::{Better, Measure};

const HEAD: &str = "\
# Catalogues

Generated from the code by `cargo xtask docs`; do not edit. Each table is one list in the code, and adding to
it is one recipe in [extending](extending.md).
";

const SOURCES: &str = "
## Sources

Words of `data.source`. Rows: `crates/config/src/sources.rs`; readers: `crates/data/src/source`.

| source | is | files | official partition | attributes |
|---|---|---|---|---|
";

const ATTRIBUTES: &str = "
## Attributes

`data.attribute` takes any attribute that the data label, by the name of its column in small letters and with
hyphens. The table (`crates/config/src/known_attributes.rs`) gives defaults for those that are known: the region
(`eval.region`) that an edit belongs to, and whether it is local (`losses.alpha` 5e-4) or global (1e-6). An
attribute that is not here has no region and counts as local. Lists: C CelebA, L LFW (Kumar et al.), M MTFL, S synthetic.

| attribute | region | extent | lists | note |
|---|---|---|---|---|
";

const METRIC_HEAD: &str = "
## Metrics

Rows: `crates/metrics/src/catalogue`. Those of images are columns of `eval/images.csv`, one row per test image
and direction, images in [-1, 1]; an empty field says that the data cannot tell. Those of sets are rows of
`eval/scores.csv`. *Short*: in the table that a person reads first. Which way is better: ↑ or ↓.

| metric | unit | better | of | is |
|---|---|---|---|---|
";

const FIGURES: &str = "
## Figures

Rows and drawings: `crates/report/src/plot`. Each as SVG and PNG in `results/<experiment>/figures`, and in
`report.html`; where there are several of a kind, levels follow the name.

| files | show |
|---|---|
";

const BACKENDS: &str = "
## Backends

Words of `backend.kind`, and Cargo features of the same name. Rows: `crates/config/src/backends.rs`; devices:
`crates/backend`.

| backend | is | computes on | precisions | equal runs |
|---|---|---|---|---|
";

/// The page.
pub(crate) fn page() -> String {
    let mut text = HEAD.to_owned();
    sources(&mut text);
    attributes(&mut text);
    metrics(&mut text);
    text.push_str(FIGURES);
    for figure in report::FIGURES {
        let _ = writeln!(text, "| `{}*` | {} |", figure.name, figure.doc);
    }
    backends(&mut text);
    text
}

fn sources(text: &mut String) {
    text.push_str(SOURCES);
    let yes = |is: bool| if is { "yes" } else { "no" };
    for source in Source::ALL {
        let row = source.row();
        let attributes = match source.attributes() {
            Some(own) => own.iter().map(Attribute::name).collect::<Vec<_>>().join(", "),
            None => "all columns of its list".to_owned(),
        };
        let partition = if row.always_apart { "always" } else { yes(row.partition) };
        let (files, doc) = (yes(row.reads_files), row.doc);
        let _ = writeln!(text, "| `{source}` | {doc} | {files} | {partition} | {attributes} |");
    }
}

fn attributes(text: &mut String) {
    text.push_str(ATTRIBUTES);
    for known in config::known_attributes() {
        let region = known.region.map_or("none", |region| region.name());
        let extent = if known.local { "local" } else { "global" };
        let lists = [
            (known.lists.celeba, "C"),
            (known.lists.lfw, "L"),
            (known.lists.mtfl, "M"),
            (known.lists.synthetic, "S"),
        ];
        let lists: String = lists.iter().filter(|(has, _)| *has).map(|(_, list)| *list).collect();
        let (name, note) = (known.name, known.note);
        let _ = writeln!(text, "| `{name}` | {region} | {extent} | {lists} | {note} |");
    }
}

fn metrics(text: &mut String) {
    text.push_str(METRIC_HEAD);
    for metric in METRICS {
        let better = match metric.better {
            Some(Better::Up) => "↑",
            Some(Better::Down) => "↓",
            None => "",
        };
        let of = match metric.measure {
            Measure::Image(_) => "images",
            Measure::Set(_) => "sets",
        };
        let short = if metric.short { " *Short.*" } else { "" };
        let (name, unit, doc) = (metric.name, metric.unit.replace('|', "\\|"), metric.doc);
        let doc = doc.replace('|', "\\|");
        let _ = writeln!(text, "| `{name}` | {unit} | {better} | {of} | {doc}{short} |");
    }
}

fn backends(text: &mut String) {
    text.push_str(BACKENDS);
    for kind in BackendKind::ALL {
        let row = kind.row();
        let place = match row.place {
            Place::Processor => "processor",
            Place::Gpu => "GPU",
            Place::CudaOrProcessor => "CUDA device or processor",
        };
        let precisions = row.precisions.iter().map(|p: &Precision| p.name());
        let precisions = precisions.collect::<Vec<_>>().join(", ");
        let equal = if row.repeats { "to the byte" } else { "within rounding" };
        let _ = writeln!(text, "| `{kind}` | {} | {place} | {precisions} | {equal} |", row.doc);
    }
}
