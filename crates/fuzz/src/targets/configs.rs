//! Runs and experiments.

use std::collections::BTreeSet;

use config::{Attribute, ConfigError, Experiment, Key, KeyKind, Overrides, RunConfig};
use toml::Value;

use crate::oracle;
use crate::target::Verdict;

const NAME: &str = "run.toml";
const SWEEP: &str = "sweep.toml";
const BASE: &str = "base.toml";
/// A comment in the input that stands for an assignment on the command line.
const SET: &str = "#set ";
/// The same for `--backend` and `--seeds`.
const BACKEND: &str = "#backend ";
const SEEDS: &str = "#seeds ";
/// The line behind which the base's text stands.
const FILE: &str = "#base";
/// An experiment of more levels than this could have cells by the thousand, which is allowed and slow.
const LEVELS: usize = 8;

/// Keys, tables and words of runs and experiments.
pub(super) fn words() -> Vec<String> {
    let mut words: BTreeSet<String> = [
        "[factors]",
        "[[zip]]",
        "[[exclude]]",
        "[[include]]",
        "[compare]",
        "[set]",
        "base = \"base.toml\"",
        "seeds = [1, 2]",
        "question",
        "factor",
        "baseline",
        SET,
        BACKEND,
        SEEDS,
        "#base\n",
        "= [",
        "nan",
        "inf",
        "1e400",
        "9223372036854775807",
        "'''",
        "\"\"\"",
    ]
    .map(str::to_owned)
    .into();
    for key in RunConfig::keys() {
        let (table, field) = key.path.split_once('.').unwrap_or(("", &key.path));
        words.extend([key.path.clone(), format!("[{table}]"), format!("{field} = ")]);
        if let KeyKind::Word(choices) = key.kind {
            words.extend(choices.iter().map(|word| format!("\"{word}\"")));
        }
    }
    words.into_iter().collect()
}

/// The values of comments that stand for options.
fn options<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(mark)).collect()
}

/// A run's text, whose comments `#set KEY=VALUE` are assignments of the command line.
pub fn run_config(bytes: &[u8]) -> Verdict {
    let Some(text) = oracle::text(bytes) else { return Verdict::Refused };
    let sets: Vec<String> = options(text, SET).into_iter().map(str::to_owned).collect();
    match RunConfig::from_toml_with(text, NAME, &sets) {
        Ok(run) => {
            sound(&run);
            Verdict::Accepted
        }
        Err(error) => refused(&error, &[(NAME, text)]),
    }
}

/// Every value is one that its key accepts, and the run is the same when it was written and read.
fn sound(run: &RunConfig) {
    for key in RunConfig::keys() {
        let value = run.get(&key.path).expect("every key has a value");
        assert!(fits(key, &value), "{} = {value} is not {}", key.path, key.kind.describe());
    }
    let text = run.to_toml();
    let again = RunConfig::from_toml(&text, "config.toml");
    let again = again.unwrap_or_else(|error| panic!("{error}\nin what was written:\n{text}"));
    assert_eq!(&again, run, "another run was read than was written:\n{text}");
    assert_eq!(again.to_toml(), text);
    assert_eq!(again.cell_hash("data"), run.cell_hash("data"));
}

fn fits(key: &Key, value: &Value) -> bool {
    let whole = |value: &Value| value.as_integer().and_then(|n| u64::try_from(n).ok());
    match &key.kind {
        KeyKind::Integer { min, max } => whole(value).is_some_and(|n| (*min..=*max).contains(&n)),
        KeyKind::OneOf(values) => whole(value).is_some_and(|n| values.contains(&n)),
        KeyKind::Real { min, max } => {
            value.as_float().is_some_and(|x| x.is_finite() && (*min..=*max).contains(&x))
        }
        KeyKind::Bool => value.is_bool(),
        KeyKind::Text | KeyKind::Path => value.is_str(),
        KeyKind::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        KeyKind::WordOr(first, words) => {
            value.as_str().is_some_and(|word| word == *first || words.contains(&word))
        }
        KeyKind::Attribute => value.as_str().is_some_and(is_name),
        KeyKind::Attributes => match value {
            Value::Array(names) => names.iter().all(|name| name.as_str().is_some_and(is_name)),
            _ => value.as_str().is_some_and(|word| ["paper", "all"].contains(&word)),
        },
    }
}

/// Whether an attribute is written as it is always written.
fn is_name(name: &str) -> bool {
    !name.is_empty() && Attribute::of(name).name() == name
}

/// The error points into one of the texts, or at an option, or at a combination.
fn refused(error: &ConfigError, files: &[(&str, &str)]) -> Verdict {
    oracle::printable(&error.to_string(), "config");
    match error {
        ConfigError::Invalid { title, at: Some((name, line)), rendered } => {
            oracle::message(error, name);
            assert!(!title.contains('\n'), "a title of several lines: {title:?}");
            assert!(rendered.contains(name.as_str()), "no place in {rendered}");
            let file = files.iter().find(|(file, _)| name.ends_with(file));
            match file {
                Some((_, text)) => oracle::line(*line, text.as_bytes()),
                None => assert!(name.starts_with("--"), "an unknown source {name}"),
            }
        }
        ConfigError::Invalid { rendered, at: None, .. } => {
            assert!(rendered.contains("\nhelp: "), "no remedy in {rendered}");
        }
        ConfigError::Read { .. } => assert!(!files.is_empty(), "{error}"),
    }
    Verdict::Refused
}

/// An experiment's text up to a line `#base`, behind it the text of its base; comments `#set`,
/// `#seeds` and `#backend` are options of the command line.
pub fn experiment(bytes: &[u8]) -> Verdict {
    let Some(text) = oracle::text(bytes) else { return Verdict::Refused };
    if text.matches(',').count() + text.matches("[[").count() > LEVELS {
        return Verdict::Refused;
    }
    let parts = oracle::parts(text, FILE);
    let (sweep, base) = (parts[0].1, parts.get(1).map_or("", |part| part.1));
    oracle::put(SWEEP, sweep.as_bytes());
    oracle::put(BASE, base.as_bytes());
    let seeds = options(sweep, SEEDS);
    let seeds = seeds.first().map(|list| list.split(',').filter_map(|n| n.trim().parse().ok()));
    let overrides = Overrides {
        set: options(sweep, SET).into_iter().map(str::to_owned).collect(),
        seeds: seeds.map(Iterator::collect),
        backends: options(sweep, BACKEND).into_iter().map(str::to_owned).collect(),
    };
    match Experiment::load(&oracle::scratch().join(SWEEP), &overrides) {
        Ok(experiment) => {
            expanded(&experiment);
            Verdict::Accepted
        }
        Err(error) => refused(&error, &[(SWEEP, sweep), (BASE, base)]),
    }
}

/// Cells are sound, no two alike, and have the levels that they are said to have.
fn expanded(experiment: &Experiment) {
    assert!(!experiment.cells.is_empty() && experiment.cells.len() <= 100_000);
    let mut seen = BTreeSet::new();
    for cell in &experiment.cells {
        let payload = cell.config.id_payload();
        assert!(seen.insert((cell.seed, payload)), "two cells are alike: {:?}", cell.factors);
        assert_eq!(cell.config.train.seed, cell.seed);
        assert!(experiment.seeds.contains(&cell.seed));
        assert_eq!(cell.factors.len(), experiment.factors.len());
        for (key, levels) in &experiment.factors {
            let level = &cell.factors[key];
            assert!(levels.contains(level), "{key} has no level {level}");
            let value = cell.config.get(key).expect("a factor is a key");
            let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(*level, said, "{key}");
        }
    }
    for (_, levels) in &experiment.factors {
        assert_eq!(levels.iter().collect::<BTreeSet<_>>().len(), levels.len(), "a level twice");
    }
    if let Some(compare) = &experiment.compare {
        let factor = experiment.factors.iter().find(|(key, _)| *key == compare.factor);
        assert!(factor.is_some_and(|(_, levels)| levels.contains(&compare.baseline)));
    }
    sound(&experiment.cells[0].config);
    sound(&experiment.cells[experiment.cells.len() - 1].config);
}
