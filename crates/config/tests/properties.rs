//! Whatever is written, the parsers answer; whatever is valid survives its own text.
#![allow(clippy::unwrap_used)]

use std::fs;

use config::{ConfigError, Experiment, Key, KeyKind, Overrides, RunConfig};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// TOML for a value that a key accepts.
fn accepted(key: &Key) -> BoxedStrategy<String> {
    match &key.kind {
        KeyKind::Integer { min, max } => {
            let near = *min..=(*min).saturating_add(2000).min(*max);
            prop_oneof![near, *min..=*max].prop_map(|n| n.to_string()).boxed()
        }
        KeyKind::OneOf(values) => select(*values).prop_map(|n| n.to_string()).boxed(),
        KeyKind::Real { min, max } => {
            let (min, max) = (*min, *max);
            let anywhere = any::<f64>().prop_map(move |x| match x.is_finite() {
                true => x.abs().clamp(min, max),
                false => max,
            });
            let plain = select(vec![min, max, 1e-4, 0.5]);
            prop_oneof![anywhere, plain]
                .prop_map(move |x| format!("{:e}", x.clamp(min, max)))
                .boxed()
        }
        KeyKind::Bool => any::<bool>().prop_map(|b| b.to_string()).boxed(),
        // Files must exist; the one that surely does is this package's.
        KeyKind::Text if key.path.starts_with("eval.") => {
            select(vec!["\"\"", "\"Cargo.toml\""]).prop_map(str::to_owned).boxed()
        }
        KeyKind::Text | KeyKind::Path => any::<String>().prop_map(quoted).boxed(),
        KeyKind::WordOr(first, words) => {
            let word = prop_oneof![Just(*first), select(*words)];
            word.prop_map(|word| format!("{word:?}")).boxed()
        }
        // An empty text names nothing.
        KeyKind::Attribute => "[a-zA-Z0-9][a-zA-Z0-9_ -]{0,12}".prop_map(quoted).boxed(),
        KeyKind::Attributes => {
            select(vec!["\"paper\"", "\"all\"", "[]", "[\"Wearing_Hat\", \"male\"]"])
                .prop_map(str::to_owned)
                .boxed()
        }
        KeyKind::Word(words) => select(*words).prop_map(|word| format!("{word:?}")).boxed(),
    }
}

/// A text as TOML, every unusual character escaped.
fn quoted(text: String) -> String {
    let escape = |c: char| match c {
        ' '..='~' if c != '"' && c != '\\' => c.to_string(),
        _ => format!("\\U{:08X}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

/// One line for a key of a run: mostly one that is accepted.
fn line() -> impl Strategy<Value = String> {
    select(RunConfig::keys()).prop_flat_map(|key| {
        accepted(&key).prop_map(move |value| format!("{} = {value}", key.path))
    })
}

/// Runs of a few keys away from their defaults; combinations that cannot work are left out.
fn run() -> impl Strategy<Value = RunConfig> {
    let text = vec(line(), 0..12).prop_map(|mut lines| {
        let key = |line: &String| line.split(' ').next().unwrap().to_owned();
        lines.sort_by_key(key);
        lines.dedup_by_key(|line| key(line));
        lines.join("\n")
    });
    text.prop_filter_map("a combination that cannot work", |text| {
        RunConfig::from_toml(&text, "run.toml").ok()
    })
}

/// Pieces that TOML and these files are made of, in any order.
fn fragment() -> impl Strategy<Value = String> {
    let words = [
        "question",
        "base",
        "seeds",
        "set",
        "factors",
        "zip",
        "exclude",
        "include",
        "compare",
        "factor",
        "baseline",
        "[factors]\n",
        "[set]\n",
        "[[zip]]\n",
        "[[exclude]]\n",
        "[train]\n",
        "[[include]]\n",
        "[compare]\n",
        "[losses]\n",
        "\"losses.dual\"",
        "\"train.lr\"",
        "steps",
        "losses.alpha",
        "dual",
        " = ",
        "= ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\"",
        "'",
        "\"\"\"",
        "\n",
        "\r\n",
        "\t",
        "\u{feff}",
        "é",
        "😀",
        "# ",
        ".",
        "-",
        "1",
        "0x10",
        "1e-4",
        "inf",
        "nan",
        "true",
        "\"none\"",
        "\"both\"",
        "\"run.toml\"",
        "\"sweep.toml\"",
        "1979-05-27",
    ];
    prop_oneof![
        8 => select(words.to_vec()).prop_map(str::to_owned),
        2 => line().prop_map(|line| line + "\n"),
        1 => any::<String>(),
    ]
}

/// A whole line with a place for a value, so that what is read gets past the grammar.
fn statement() -> impl Strategy<Value = String> {
    let heads = [
        "",
        "[factors]\n",
        "[set]\n",
        "[[zip]]\n",
        "[[exclude]]\n",
        "[[include]]\n",
        "[compare]\n",
        "[train]\n",
        "[losses]\n",
    ];
    let keys = [
        "question",
        "base",
        "seeds",
        "factor",
        "baseline",
        "\"losses.dual\"",
        "\"train.lr\"",
        "\"train.seed\"",
        "losses.alpha",
        "data.size",
        "steps",
        "alpha",
        "\"\"",
        "é",
    ];
    let values = [
        "\"none\"",
        "[\"none\", \"both\"]",
        "1",
        "0.5",
        "[1, 2]",
        "[0, 0.0, 1e-4]",
        "[]",
        "16",
        "\"losses.dual\"",
        "\"run.toml\"",
        "\"sweep.toml\"",
        "\"😀\"",
        "nan",
        "{ a.b = 1 }",
        "99999999999999999999",
        "[[\"none\"], 3]",
        "'''\n\n'''",
        "-0.0",
    ];
    (select(heads.to_vec()), select(keys.to_vec()), select(values.to_vec()))
        .prop_map(|(head, key, value)| format!("{head}{key} = {value}\n"))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        vec(line(), 0..4).prop_map(|lines| lines.join("\n")),
        vec(fragment(), 0..30).prop_map(|parts| parts.concat()),
        vec(statement(), 0..8).prop_map(|lines| lines.concat()),
        vec(statement(), 0..8).prop_map(|lines| format!("base = \"run.toml\"\n{}", lines.concat())),
    ]
}

fn names_the_file<T>(answer: &Result<T, ConfigError>, file: &str) -> bool {
    answer.as_ref().err().is_none_or(|error| error.to_string().contains(file))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_run_or_an_error_that_names_the_file(text in text()) {
        let answer = RunConfig::from_toml(&text, "some-run.toml");
        prop_assert!(names_the_file(&answer, "some-run.toml"), "{answer:?}");
    }

    #[test]
    fn any_text_is_an_experiment_or_an_error_that_names_a_file(text in text(), base in text()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sweep.toml");
        fs::write(&path, &text).unwrap();
        fs::write(dir.path().join("run.toml"), &base).unwrap();
        let answer = Experiment::load(&path, &Overrides::default());
        let directory = dir.path().display().to_string();
        prop_assert!(names_the_file(&answer, &directory), "{answer:?}");
    }

    #[test]
    fn any_assignment_is_taken_or_an_error_that_names_the_option(
        set in prop_oneof![any::<String>(), line(), statement(), fragment()],
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.toml");
        fs::write(&path, "").unwrap();
        let answer = RunConfig::load(&path, &[set]);
        prop_assert!(names_the_file(&answer, "--set"), "{answer:?}");
    }

    #[test]
    fn a_valid_run_survives_its_text_with_its_hash(run in run()) {
        let again = RunConfig::from_toml(&run.to_toml(), "resolved.toml");
        let again = again.unwrap_or_else(|e| panic!("{e}"));
        prop_assert_eq!(&run, &again);
        prop_assert_eq!(run.cell_hash("faces"), again.cell_hash("faces"));
    }

    #[test]
    fn an_included_cell_is_the_run_with_its_lines(lines in vec(line(), 1..4)) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("run.toml"), "").unwrap();
        let path = dir.path().join("sweep.toml");
        let lines = lines.join("\n");
        fs::write(&path, format!("base = \"run.toml\"\n[[include]]\n{lines}\n")).unwrap();
        // The same lines as a run of their own, with the seed of the sweep.
        let alone = RunConfig::from_toml(&lines, "run.toml");
        match (Experiment::load(&path, &Overrides::default()), alone) {
            (Ok(sweep), Ok(run)) => {
                let last = sweep.cells.last().unwrap();
                prop_assert_eq!(last.config.id_payload(), run.id_payload());
            }
            (Err(_), Err(_)) => {}
            (Err(error), Ok(_)) => {
                let text = error.to_string();
                prop_assert!(text.contains("train.seed") || text.contains("the judgement"));
            }
            (Ok(_), Err(error)) => prop_assert!(false, "{}", error),
        }
    }
}
