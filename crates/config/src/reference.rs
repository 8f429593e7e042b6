//! The reference page of every key, generated from the schema.

use crate::run::RunConfig;
use crate::schema::Part;

/// What an experiment's file holds. Its keys are few and have no schema.
const EXPERIMENT: &str = "
## An experiment's file

| key | value | meaning |
|---|---|---|
| `question` | text | What the sweep asks. |
| `base` | text | The run's file that every cell starts from, relative to the experiment's. Required. |
| `seeds` | list of whole numbers | `train.seed` of the cells of each arm; `[1]` if left out. |
| `[set]` | run keys | One value for every cell that does not vary the key. |
| `[factors]` | run keys, each with a list of levels | Every combination of levels is an arm. |
| `[[zip]]` | run keys, each with a list of equal length | Keys that move together: one axis of the product. |
| `[[exclude]]` | run keys of `[factors]` and `[[zip]]`, each with one level | Takes every combination with all these levels out of the product. One that matches none is refused. |
| `[[include]]` | run keys, each with one value | An arm beside the product, with every seed; what it leaves out is as in `base` and `[set]`. No exclude takes it out; if the product has it, it is that arm. |
| `[compare]` | `factor`, `baseline` | What `cargo xtask compare` compares unless told otherwise. |

Every key of `[factors]`, `[[zip]]` and `[[include]]` is a factor, and every cell has a level of each. Levels
are compared by value: `2e-4` is `0.0002`, and `1` is `1.0` where the key takes numbers. `--set` and
`--backend` win over all of it: a key set there is no factor, and an exclude that names one does not apply.
";

/// `docs/configuration.md`: every key with kind, default and meaning. A test keeps the committed
/// page equal to this text.
pub fn reference_page() -> String {
    let mut page = String::from(
        "# Configuration, key by key\n\n\
         Generated from the schema in `crates/config`; `cargo xtask docs` writes it again.\n\
         A run's file has the tables below; every key may be left out. The same checks apply to\n\
         `--set key=value`. Keys marked *cosmetic* do not change results and are no part of a\n\
         cell's identity; those of `[eval]` are part of its judgement, not of its training. A\n\
         *path of a file* starts at the directory of the file that names it. `base = \"other.toml\"` at the top of a run's file names one, relative to\n\
         it, whose keys hold where the file has none of its own; that one may have a base too.\n",
    );
    page.push_str(EXPERIMENT);
    let keys = RunConfig::keys();
    for (table, doc) in RunConfig::tables() {
        page.push_str(&format!("\n## [{table}]\n\n{}\n\n", squeeze(doc)));
        page.push_str("| key | value | default | meaning |\n|---|---|---|---|\n");
        for key in keys.iter().filter(|key| key.path.starts_with(&format!("{table}."))) {
            let default =
                key.default.as_ref().map_or("see meaning".to_owned(), |v| format!("`{v}`"));
            let cosmetic = if key.part == Part::Cosmetic { " *Cosmetic.*" } else { "" };
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
