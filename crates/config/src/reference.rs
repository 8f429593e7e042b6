//! The reference page of every key, generated from the schema.

use crate::run::RunConfig;

/// `docs/configuration.md`: every key with kind, default and meaning. A test keeps the committed
/// page equal to this text.
pub fn reference_page() -> String {
    let mut page = String::from(
        "# Configuration, key by key\n\n\
         Generated from the schema in `crates/config`; `cargo xtask docs` writes it again.\n\
         A run's file has the tables below; every key may be left out. The same checks apply to\n\
         `--set key=value`. Keys marked *cosmetic* do not change results and are no part of a\n\
         cell's identity.\n",
    );
    let keys = RunConfig::keys();
    for (table, doc) in RunConfig::tables() {
        page.push_str(&format!("\n## [{table}]\n\n{}\n\n", squeeze(doc)));
        page.push_str("| key | value | default | meaning |\n|---|---|---|---|\n");
        for key in keys.iter().filter(|key| key.path.starts_with(&format!("{table}."))) {
            let default =
                key.default.as_ref().map_or("see meaning".to_owned(), |v| format!("`{v}`"));
            let cosmetic = if key.identity { "" } else { " *Cosmetic.*" };
            page.push_str(&format!(
                "| `{}` | {} | {} | {}{} |\n",
                key.path,
                key.kind.describe().replace('|', "\\|"),
                default,
                squeeze(&key.doc).replace('|', "\\|"),
                cosmetic,
            ));
        }
    }
    page
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
