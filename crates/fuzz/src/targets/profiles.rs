//! Profiles of launchers.

use std::path::Path;

use config::{CommandProfile, ConfigError, Resources, SlurmProfile};
use record::quoted;
use sweep::{CommandTemplate, Values};

use crate::oracle;
use crate::target::Verdict;

const NAME: &str = "profile.toml";

/// Keys of both profiles and pieces of their values.
pub(super) const WORDS: [&str; 42] = [
    "partition = ",
    "account = ",
    "qos = ",
    "time = ",
    "mem = ",
    "gres = ",
    "constraint = ",
    "extra = [",
    "setup = [",
    "max_running = ",
    "grace = ",
    "max_requeues = ",
    "prepare_cpus = ",
    "[processor]",
    "[gpu]",
    "\"04:00:00\"",
    "\"2-12\"",
    "\"UNLIMITED\"",
    "\"4G\"",
    "\"--exclusive\"",
    "\"-w node\"",
    "--array",
    "--time=",
    "command = ",
    "{worker}",
    "{config}",
    "{dir}",
    "{cache}",
    "{id}",
    "{threads}",
    "{log}",
    "{list}",
    "{{",
    "}}",
    "${",
    "{}",
    "'''",
    "\"\"\"",
    "cell --config",
    "\\u001b",
    "\\n",
    "'",
];

fn refused(error: &ConfigError, text: &str) -> Verdict {
    oracle::message(error, NAME);
    match error {
        ConfigError::Invalid { at: Some((name, line)), .. } => {
            assert_eq!(name, NAME);
            oracle::line(*line, text.as_bytes());
        }
        other => panic!("an error without a place: {other}"),
    }
    Verdict::Refused
}

/// A Slurm profile. What is accepted can be written into a script of one directive a line.
pub fn slurm(bytes: &[u8]) -> Verdict {
    let Some(text) = oracle::text(bytes) else { return Verdict::Refused };
    match SlurmProfile::from_toml(text, NAME) {
        Ok(profile) => {
            std::iter::once(&profile.processor).chain(&profile.gpu).for_each(asked);
            Verdict::Accepted
        }
        Err(error) => refused(&error, text),
    }
}

fn asked(wishes: &Resources) {
    let Resources { partition, account, qos, time, mem, gres, constraint, .. } = wishes;
    for word in [partition, account, qos, time, mem, gres, constraint].into_iter().flatten() {
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '"';
        assert!(!word.is_empty() && !word.contains(odd), "{word:?} is not one word");
    }
    for line in wishes.extra.iter().chain(&wishes.setup) {
        assert!(!line.contains(char::is_control), "{line:?} is not one line");
    }
    for option in &wishes.extra {
        assert!(option.len() > 1 && option.starts_with('-'), "{option:?} is no option");
        let taken = ["--array", "--output", "--time", "--partition", "--wrap", "--export"];
        let name = option.split(['=', ' ']).next().unwrap_or_default();
        assert!(!taken.contains(&name), "{option} is not for the profile to set");
    }
    assert!((90..=86_400).contains(&wishes.grace));
    assert!(wishes.max_running.is_none_or(|n| n > 0) && wishes.prepare_cpus.is_none_or(|n| n > 0));
}

/// A profile of the command launcher, and its template filled with values that need quotes.
pub fn command(bytes: &[u8]) -> Verdict {
    let Some(text) = oracle::text(bytes) else { return Verdict::Refused };
    let profile = match CommandProfile::from_toml(text, NAME) {
        Ok(profile) => profile,
        Err(error) => return refused(&error, text),
    };
    let template = match CommandTemplate::parse(&profile.command) {
        Ok(template) => template,
        Err(reason) => {
            assert!(!reason.is_empty() && reason.len() < 4000 + profile.command.len());
            oracle::printable(&reason, "template");
            return Verdict::Refused;
        }
    };
    let dir = Path::new("/r/it's here");
    let word = quoted(&dir.to_string_lossy());
    let filled = match template.is_list() {
        true => template.list(dir, Path::new("/w"), Path::new("/c")),
        false => template.cell(&Values {
            worker: Path::new("/w"),
            config: Path::new("/c"),
            dir,
            cache: Path::new("/c"),
            id: "0123456789ab",
            threads: 1,
            log: Path::new("/l"),
        }),
    };
    // Every cell, or the whole list, is told apart by this word.
    assert!(filled.contains(&word), "{filled} lacks {word}");
    Verdict::Accepted
}
