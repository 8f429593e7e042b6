//! `docs/objective.md` is written from the lists of terms; `cargo xtask docs` writes it anew.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::Path;

use losses::{About, Need, objective};

const HEAD: &str = "\
# The objective

Generated from `crates/losses` by `cargo xtask docs`; do not edit.

Each of the two generators minimises `L_G = L_GAN + L_dual + alpha L_pix + beta L_per`, the discriminator
minimises `L_D`. Every term is one file in `crates/losses/src/objective`, and `mod.rs` there lists them. A term whose
weight is 0 is not computed and has no column in `metrics.jsonl`; the others stand there weighted, those of G0
and G1 added, so that they sum to `g_loss` and `d_loss`. Symbols: [glossary](glossary.md). To add a term:
[extending](extending.md#a-loss-term).

Values are means over the batch. An L1 norm is a sum over pixels and channels (or features), and its weight is
stated for 128x128 pixels: at side S it is multiplied by `128*128 / (S*S)`.
";

fn table(text: &mut String, terms: &[About]) {
    let _ = writeln!(
        text,
        "| term | column | weight | computed from | source |\n|---|---|---|---|---|"
    );
    for About { column, equation, source, weight, needs, .. } in terms {
        let needs: Vec<String> = needs.iter().map(|need| format!("`{}`", need.name())).collect();
        let weight =
            if weight.contains('.') { format!("`{weight}`") } else { (*weight).to_owned() };
        let _ = writeln!(
            text,
            "| `{}` | `{column}` | {weight} | {} | {source} |",
            equation.replace('|', "\\|"),
            needs.join(", "),
        );
    }
}

fn page() -> String {
    let (generator, discriminator) = objective::about();
    let mut text = HEAD.to_owned();
    text.push_str("\n## Of a generator, `L_G`\n\n");
    table(&mut text, &generator);
    text.push_str("\n## Of the discriminator, `L_D`\n\n");
    table(&mut text, &discriminator);
    text
}

#[test]
fn the_page_says_what_the_lists_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/objective.md");
    if std::env::var_os("RESGAN_DOCS").is_some_and(|value| value == "write") {
        std::fs::write(&path, page()).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == page(), "{} is stale; run `cargo xtask docs`", path.display());
}

#[test]
fn columns_are_unique_and_weights_are_keys_or_numbers() {
    let (generator, discriminator) = objective::about();
    let all: Vec<About> = generator.into_iter().chain(discriminator).collect();
    let columns: std::collections::BTreeSet<&str> = all.iter().map(|about| about.column).collect();
    assert_eq!(columns.len(), all.len());
    for About { column, weight, .. } in all {
        let is_key = config::RunConfig::keys().iter().any(|key| key.path == weight);
        let is_number = weight.split('/').all(|part| part.parse::<f64>().is_ok());
        assert!(is_key || is_number, "{column}: the weight `{weight}` is no key");
    }
}

#[test]
fn features_are_taken_only_where_a_term_asks_for_them() {
    let run = |text: &str| config::RunConfig::from_toml(text, "test").unwrap();
    assert!(objective::needs_features(&run("")));
    let without = run("[losses]\nbeta = 0.0\ndual = \"none\"\n");
    assert!(!objective::needs_features(&without));
    let columns = objective::generator_terms(&without).map(|term| term.about().column);
    assert_eq!(columns.collect::<Vec<_>>(), ["g_adv", "g_pixel"]);
    let of_features =
        objective::GENERATOR.iter().filter(|t| t.about().needs.contains(&Need::Features));
    assert_eq!(of_features.count(), 1);
}
