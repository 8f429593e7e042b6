//! Templates of the command launcher: shell text with placeholders in braces.

use std::path::Path;

use record::quoted;

/// What a cell's command is made of.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The worker program.
    pub worker: &'a Path,
    /// The cell's configuration.
    pub config: &'a Path,
    /// The cell's directory.
    pub dir: &'a Path,
    /// Data and judges shared by all cells.
    pub cache: &'a Path,
    /// The cell's id.
    pub id: &'a str,
    /// Threads that the cell computes with.
    pub threads: usize,
    /// Where the cell's output is kept.
    pub log: &'a Path,
}

/// The placeholders of a template that is filled once per cell.
const PER_CELL: [&str; 7] = ["worker", "config", "dir", "cache", "id", "threads", "log"];
/// The placeholders beside `{list}`: those that have one value for all cells.
const PER_LIST: [&str; 2] = ["worker", "cache"];
const LIST: &str = "list";

/// A checked template. `{name}` is a placeholder, `{{` and `}}` are braces, `{}` and `${NAME}` stay as
/// they are.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandTemplate {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Placeholder(String),
}

impl CommandTemplate {
    /// Takes a template apart.
    ///
    /// # Errors
    /// A placeholder is unknown, or is none that goes with `{list}`; or a template without `{list}`
    /// would give every cell the same command. The message is one sentence with the remedy.
    pub fn parse(text: &str) -> Result<CommandTemplate, String> {
        let template = CommandTemplate { parts: parts(text)? };
        let names: Vec<&str> = template.names().collect();
        let is_list = names.contains(&LIST);
        for name in &names {
            if *name == LIST || PER_LIST.contains(name) || (!is_list && PER_CELL.contains(name)) {
                continue;
            }
            if PER_CELL.contains(name) {
                return Err(format!(
                    "{{{name}}} differs from cell to cell and cannot stand beside {{list}}; the list \
                     has every cell's whole command"
                ));
            }
            let near = PER_CELL
                .iter()
                .chain([&LIST])
                .map(|known| (strsim::jaro_winkler(name, known), known))
                .filter(|(score, _)| *score > 0.75)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let hint = match near {
                Some((_, near)) => format!("did you mean {{{near}}}?"),
                None => format!("there are {{{}}} and {{list}}", PER_CELL.join("} {")),
            };
            return Err(format!("unknown placeholder {{{name}}} in the command: {hint}"));
        }
        if !is_list && !names.contains(&"dir") {
            let text = "the command names neither {dir} nor {list}, so that every cell would run the \
                        same; write, for example, {worker} cell --config {config} --dir {dir} --cache \
                        {cache}";
            return Err(text.to_owned());
        }
        Ok(template)
    }

    /// Whether it runs once, with a list of all commands.
    pub fn is_list(&self) -> bool {
        self.names().any(|name| name == LIST)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The shell command of one cell.
    pub fn cell(&self, values: &Values<'_>) -> String {
        self.fill(|name| match name {
            "worker" => text(values.worker),
            "config" => text(values.config),
            "dir" => text(values.dir),
            "cache" => text(values.cache),
            "threads" => values.threads.to_string(),
            "log" => text(values.log),
            _ => values.id.to_owned(),
        })
    }

    /// The shell command that runs every line of `list`.
    pub fn list(&self, list: &Path, worker: &Path, cache: &Path) -> String {
        self.fill(|name| match name {
            "worker" => text(worker),
            "cache" => text(cache),
            _ => text(list),
        })
    }

    fn fill(&self, value: impl Fn(&str) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Placeholder(name) => quoted(&value(name)),
        };
        self.parts.iter().map(part).collect()
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("{{") {
            plain.push('{');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("}}") {
            plain.push('}');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            plain.push_str("${");
            rest = after;
        } else if let Some((name, after)) = placeholder(rest) {
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Placeholder(name.to_owned()));
            rest = after;
        } else {
            plain.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    parts.push(Part::Text(plain));
    match text.trim().is_empty() {
        true => Err("the command is empty".to_owned()),
        false => Ok(parts),
    }
}

/// The name in `{name}` at the beginning of a text, and what follows.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix('{')?.split_once('}')?;
    let word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    word.then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> String {
        let values = Values {
            worker: Path::new("/w/resgan"),
            config: Path::new("/r/a b/config.toml"),
            dir: Path::new("/r/it's"),
            cache: Path::new("/r/cache"),
            id: "0123456789ab",
            threads: 2,
            log: Path::new("/r/log.txt"),
        };
        CommandTemplate::parse(template).unwrap().cell(&values)
    }

    #[test]
    fn values_are_quoted_where_a_shell_needs_it() {
        assert_eq!(
            filled("run -n{threads} {worker} cell --config {config} --dir {dir} # {id} {log}"),
            r#"run -n2 /w/resgan cell --config '/r/a b/config.toml' --dir "/r/it's" # 0123456789ab /r/log.txt"#
        );
    }

    #[test]
    fn other_braces_are_left_to_the_shell() {
        assert_eq!(filled("A=${HOME} {{x}} {} {a b} {dir}"), r#"A=${HOME} {x} {} {a b} "/r/it's""#);
    }

    #[test]
    fn unknown_placeholders_are_refused() {
        let refused = |text: &str| CommandTemplate::parse(text).unwrap_err();
        assert!(refused("{wroker} {dir}").contains("did you mean {worker}?"));
        assert!(refused("{zzz} {dir}").contains("{worker} {config}"));
        assert!(refused("parallel {id} :::: {list}").contains("beside {list}"));
        assert!(refused("sleep 1").contains("neither {dir} nor {list}"));
        assert!(refused(" ").contains("empty"));
    }

    #[test]
    fn a_list_runs_once() {
        let template = CommandTemplate::parse("parallel -j 2 :::: {list}").unwrap();
        assert!(template.is_list());
        let command = template.list(Path::new("/r/a b"), Path::new("/w"), Path::new("/c"));
        assert_eq!(command, "parallel -j 2 :::: '/r/a b'");
    }
}
