//! Launcher profiles: what a cluster, or a command that starts cells elsewhere, wants to know.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Value;

use crate::error::{ConfigError, Origin, SourceText};
use crate::layer::{self, Entry, Layer};
use crate::schema::{describe_value, nearest};

/// Seconds between two of Slurm's looks at time limits: a warning may come so much earlier.
const SLURM_POLL: u64 = 30;

/// What every job of a sweep asks Slurm for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlurmProfile {
    /// Cells that compute on the processor, the report, and the preparation of such cells.
    pub processor: Resources,
    /// Cells that compute on a GPU; absent if the profile has no table `[gpu]`.
    pub gpu: Option<Resources>,
}

/// The wishes of one class of jobs. Absent ones are left to the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Resources {
    /// `--partition`.
    pub partition: Option<String>,
    /// `--account`.
    pub account: Option<String>,
    /// `--qos`.
    pub qos: Option<String>,
    /// `--time`.
    pub time: Option<String>,
    /// `--mem`.
    pub mem: Option<String>,
    /// `--gres`.
    pub gres: Option<String>,
    /// `--constraint`.
    pub constraint: Option<String>,
    /// Further options of sbatch, each as it would stand on its command line.
    pub extra: Vec<String>,
    /// Shell lines that run before the worker.
    pub setup: Vec<String>,
    /// Tasks of one array that run at a time, at most; absent: no limit of ours.
    pub max_running: Option<u64>,
    /// Seconds before the time limit at which a cell is told to save.
    pub grace: u64,
    /// Requeues in a row, without a further training step, after which a task is given up.
    pub max_requeues: u64,
    /// Processors of a preparation; absent: as many as its cells have.
    pub prepare_cpus: Option<u64>,
}

impl Default for Resources {
    fn default() -> Resources {
        Resources {
            partition: None,
            account: None,
            qos: None,
            time: None,
            mem: None,
            gres: None,
            constraint: None,
            extra: Vec::new(),
            setup: Vec::new(),
            max_running: None,
            grace: 120,
            max_requeues: 3,
            prepare_cpus: None,
        }
    }
}

/// A command that starts cells: on other machines, in containers, through another scheduler.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandProfile {
    /// The template, see docs/launchers.md.
    pub command: String,
}

/// What a key of a profile accepts.
#[derive(Clone, Copy)]
enum ProfileKind {
    Word,
    Time,
    Memory,
    Options,
    Lines,
    Text,
    Number(u64, u64),
}

const SLURM_KEYS: [(&str, ProfileKind); 13] = [
    ("partition", ProfileKind::Word),
    ("account", ProfileKind::Word),
    ("qos", ProfileKind::Word),
    ("time", ProfileKind::Time),
    ("mem", ProfileKind::Memory),
    ("gres", ProfileKind::Word),
    ("constraint", ProfileKind::Word),
    ("extra", ProfileKind::Options),
    ("setup", ProfileKind::Lines),
    ("max_running", ProfileKind::Number(1, 1_000_000)),
    ("grace", ProfileKind::Number(90, 86_400)),
    ("max_requeues", ProfileKind::Number(0, 1_000_000)),
    ("prepare_cpus", ProfileKind::Number(1, 4096)),
];

const COMMAND_KEYS: [(&str, ProfileKind); 1] = [("command", ProfileKind::Text)];

/// Options of sbatch that the launcher sets itself, and those that a key of the profile sets.
const OURS: [&str; 20] = [
    "array",
    "output",
    "error",
    "open-mode",
    "dependency",
    "signal",
    "requeue",
    "no-requeue",
    "job-name",
    "nodes",
    "ntasks",
    "cpus-per-task",
    "parsable",
    "wrap",
    "hold",
    "wait",
    "test-only",
    "begin",
    "export",
    "chdir",
];
const OURS_SHORT: &str = "aoedJNncHWbD";
const BY_KEY: [(&str, &str); 7] = [
    ("partition", "p"),
    ("account", "A"),
    ("qos", "q"),
    ("time", "t"),
    ("mem", ""),
    ("gres", ""),
    ("constraint", "C"),
];

impl SlurmProfile {
    /// Reads and checks a profile. A key at the top holds for all jobs, one in `[processor]` or
    /// `[gpu]` for that class in its place.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or holds an unknown key or a value that its key does not
    /// accept. The message names file and line.
    pub fn load(path: &Path) -> Result<SlurmProfile, ConfigError> {
        let source = layer::read(path, "give a profile's path, or its name in configs/slurm/")?;
        SlurmProfile::read(&source)
    }

    /// Like [`SlurmProfile::load`] for a text; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`SlurmProfile::load`].
    pub fn from_toml(text: &str, name: &str) -> Result<SlurmProfile, ConfigError> {
        SlurmProfile::read(&Arc::new(SourceText {
            name: name.to_owned(),
            text: text.to_owned(),
            home: None,
        }))
    }

    fn read(source: &Arc<SourceText>) -> Result<SlurmProfile, ConfigError> {
        let document = layer::parse(source)?;
        let table = document.get_ref();
        let gpu = table.contains_key("gpu");
        let mut flat = Layer::new();
        layer::flatten(table, "", source, &mut flat)?;
        let names: Vec<String> = ["", "processor.", "gpu."]
            .iter()
            .flat_map(|table| SLURM_KEYS.iter().map(move |(key, _)| format!("{table}{key}")))
            .collect();
        let kind = |path: &str| {
            let key = path.strip_prefix("processor.").or_else(|| path.strip_prefix("gpu."));
            kind_of(key.unwrap_or(path), &SLURM_KEYS)
        };
        for (path, entry) in &flat {
            check(path, entry, kind(path), &names, "a Slurm profile")?;
        }
        let processor = resources(&flat, "processor.")?;
        let gpu = gpu.then(|| resources(&flat, "gpu.")).transpose()?;
        Ok(SlurmProfile { processor, gpu })
    }
}

impl CommandProfile {
    /// Reads and checks a profile of the command launcher.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, lacks `command` or holds another key.
    pub fn load(path: &Path) -> Result<CommandProfile, ConfigError> {
        let source = layer::read(path, "give a profile's path, or its name in configs/command/")?;
        CommandProfile::read(&source)
    }

    /// Like [`CommandProfile::load`] for a text; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`CommandProfile::load`].
    pub fn from_toml(text: &str, name: &str) -> Result<CommandProfile, ConfigError> {
        CommandProfile::read(&Arc::new(SourceText {
            name: name.to_owned(),
            text: text.to_owned(),
            home: None,
        }))
    }

    fn read(source: &Arc<SourceText>) -> Result<CommandProfile, ConfigError> {
        let mut flat = Layer::new();
        layer::flatten(layer::parse(source)?.get_ref(), "", source, &mut flat)?;
        let names = vec!["command".to_owned()];
        for (path, entry) in &flat {
            check(path, entry, kind_of(path, &COMMAND_KEYS), &names, "a command profile")?;
        }
        match text(&flat, "", "command") {
            Some(command) => Ok(CommandProfile { command }),
            None => Err(ConfigError::at(
                source,
                0..0,
                "a command profile needs `command`",
                "missing here",
                Some("docs/launchers.md shows templates".to_owned()),
            )),
        }
    }
}

fn kind_of(key: &str, keys: &[(&str, ProfileKind)]) -> Option<ProfileKind> {
    keys.iter().find(|(known, _)| *known == key).map(|(_, kind)| *kind)
}

/// Refuses an unknown key and a value that its key does not accept.
fn check(
    path: &str,
    entry: &Entry,
    kind: Option<ProfileKind>,
    names: &[String],
    what: &str,
) -> Result<(), ConfigError> {
    let Origin { source, key, value } = &entry.origin;
    let Some(kind) = kind else {
        let help = match nearest(path, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "docs/launchers.md lists every key".to_owned(),
        };
        let title = format!("unknown key `{path}` in {what}");
        return Err(ConfigError::at(source, key.clone(), title, "no such key", Some(help)));
    };
    kind.check(&entry.value).map_err(|(problem, help)| {
        let title = format!("`{path}`: {problem}");
        ConfigError::at(source, value.clone(), title, "refused", Some(help))
    })
}

impl ProfileKind {
    /// What is wrong with a value, and the remedy.
    fn check(self, value: &Value) -> Result<(), (String, String)> {
        let wrong =
            |expected: &str| format!("expected {expected}, found {}", describe_value(value));
        match (self, value) {
            (ProfileKind::Number(min, max), Value::Integer(n))
                if u64::try_from(*n).is_ok_and(|n| (min..=max).contains(&n)) =>
            {
                Ok(())
            }
            (ProfileKind::Number(min, max), _) => {
                let expected = format!("a whole number, {min} to {max}");
                let help = match min {
                    90 => "Slurm warns by as much as half a minute late: 90 s is the least".into(),
                    _ => format!("write a number from {min} to {max}, without quotes"),
                };
                Err((wrong(&expected), help))
            }
            (ProfileKind::Options | ProfileKind::Lines, Value::Array(items)) => {
                items.iter().try_for_each(|item| self.check_item(item))
            }
            (ProfileKind::Options | ProfileKind::Lines, _) => {
                Err((wrong("a list of texts"), "write it as [\"...\", \"...\"]".to_owned()))
            }
            (ProfileKind::Text, Value::String(text)) if !text.trim().is_empty() => Ok(()),
            (ProfileKind::Word, Value::String(text)) if is_word(text) => Ok(()),
            (ProfileKind::Time, Value::String(text)) if seconds(text).is_some() => Ok(()),
            (ProfileKind::Memory, Value::String(text)) if is_memory(text) => Ok(()),
            (ProfileKind::Text, _) => Err((wrong("text"), "put it in quotes".to_owned())),
            (ProfileKind::Word, _) => {
                Err((wrong("one word"), "put it in quotes, without blanks".to_owned()))
            }
            (ProfileKind::Time, _) => {
                let help = "write \"minutes\", \"hours:minutes:seconds\" or \"days-hours\", e.g. \
                            \"04:00:00\"";
                Err((wrong("a time limit of Slurm as text"), help.to_owned()))
            }
            (ProfileKind::Memory, _) => {
                let help = "write a number with K, M, G or T, e.g. \"4G\"";
                Err((wrong("an amount of memory as text"), help.to_owned()))
            }
        }
    }

    fn check_item(self, item: &Value) -> Result<(), (String, String)> {
        let Value::String(text) = item else {
            let found = format!("expected texts, found {}", describe_value(item));
            return Err((found, "put it in quotes".to_owned()));
        };
        if text.chars().any(char::is_control) {
            let help = "give every line a text of its own";
            return Err((format!("{text:?} has a line break in it"), help.to_owned()));
        }
        if !matches!(self, ProfileKind::Options) {
            return Ok(());
        }
        // The option's name: `--long`, or the letter of `-s` and `-svalue`.
        let (long, short) = match text.strip_prefix("--") {
            Some(rest) => (rest.split(['=', ' ']).next().unwrap_or_default(), ""),
            None => ("", text.strip_prefix('-').and_then(|rest| rest.get(..1)).unwrap_or_default()),
        };
        if long.is_empty() && short.is_empty() {
            let help = "write it as on sbatch's command line, e.g. \"--exclusive\"";
            return Err((format!("`{text}` is no option of sbatch"), help.to_owned()));
        }
        let same = |key: &str, letter: &str| key == long || (!letter.is_empty() && letter == short);
        if let Some((key, _)) = BY_KEY.iter().find(|(key, letter)| same(key, letter)) {
            let title = format!("`{text}` has a key of its own");
            return Err((title, format!("use the key `{key}`")));
        }
        if OURS.contains(&long) || (!short.is_empty() && OURS_SHORT.contains(short)) {
            let help = "the launcher sets this option itself; remove it";
            return Err((format!("`{text}` cannot be changed"), help.to_owned()));
        }
        Ok(())
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '"')
}

fn is_memory(text: &str) -> bool {
    let number = text.strip_suffix(['K', 'M', 'G', 'T']).unwrap_or(text);
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

/// Seconds of a time limit in one of Slurm's notations; `None` if it is none of them. "UNLIMITED"
/// and "INFINITE" are the largest number.
fn seconds(text: &str) -> Option<u64> {
    if ["unlimited", "infinite"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(u64::MAX);
    }
    let number = |part: &str| {
        let digits =
            !part.is_empty() && part.len() < 10 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u64>().ok()).flatten()
    };
    let (days, rest) = match text.split_once('-') {
        Some((days, rest)) => (Some(number(days)?), rest),
        None => (None, text),
    };
    let parts = rest.split(':').map(number).collect::<Option<Vec<u64>>>()?;
    let seconds = match (days, parts.as_slice()) {
        (None, [m]) => m * 60,
        (None, [m, s]) => m * 60 + s,
        (_, [h, m, s]) => h * 3600 + m * 60 + s,
        (Some(_), [h, m]) => h * 3600 + m * 60,
        (Some(_), [h]) => h * 3600,
        _ => return None,
    };
    Some(days.unwrap_or(0) * 86_400 + seconds)
}

/// The value of a key for one class: its own table's, else the top's.
fn find<'a>(flat: &'a Layer, class: &str, key: &str) -> Option<&'a Entry> {
    flat.get(&format!("{class}{key}")).or_else(|| flat.get(key))
}

fn text(flat: &Layer, class: &str, key: &str) -> Option<String> {
    find(flat, class, key)?.value.as_str().map(str::to_owned)
}

fn resources(flat: &Layer, class: &str) -> Result<Resources, ConfigError> {
    let defaults = Resources::default();
    let text = |key: &str| text(flat, class, key);
    let list = |key: &str| -> Vec<String> {
        let items = find(flat, class, key).and_then(|entry| entry.value.as_array());
        let items = items.into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let number = |key: &str| {
        let value = find(flat, class, key).and_then(|entry| entry.value.as_integer());
        value.and_then(|n| u64::try_from(n).ok())
    };
    let resources = Resources {
        partition: text("partition"),
        account: text("account"),
        qos: text("qos"),
        time: text("time"),
        mem: text("mem"),
        gres: text("gres"),
        constraint: text("constraint"),
        extra: list("extra"),
        setup: list("setup"),
        max_running: number("max_running"),
        grace: number("grace").unwrap_or(defaults.grace),
        max_requeues: number("max_requeues").unwrap_or(defaults.max_requeues),
        prepare_cpus: number("prepare_cpus"),
    };
    let Some(entry) = find(flat, class, "time") else { return Ok(resources) };
    let limit = resources.time.as_deref().and_then(seconds).unwrap_or(u64::MAX);
    let least = resources.grace + SLURM_POLL;
    if limit < least {
        let span: Range<usize> = entry.origin.value.clone();
        let title = format!("a time limit of {limit} s leaves no time to work");
        let help = format!(
            "cells are told to save {} s before the end, or half a minute earlier: ask for more \
             than {least} s, or for less `grace`",
            resources.grace
        );
        return Err(ConfigError::at(&entry.origin.source, span, title, "too short", Some(help)));
    }
    Ok(resources)
}
