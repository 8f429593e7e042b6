//! What made a result: which code trained and judged it, and with which judges.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The part that is judged unless a run says otherwise.
const TEST: &str = "test";

/// The program that wrote something.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Build {
    /// Name and version of the worker.
    pub program: String,
    /// Commit of the checkout that it was built from; `None` outside of a checkout.
    pub commit: Option<String>,
    /// Whether sources that can change a number differed from that commit.
    pub dirty: bool,
    /// Version of burn, from the lock file.
    pub burn: String,
    /// The compiler.
    pub rustc: String,
    /// Backends that are compiled in.
    pub backends: Vec<String>,
    /// What the program's sources come to.
    pub code: Code,
}

/// Hashes over the sources that can change a number, and over the versions of the libraries that they
/// are built with: 16 hexadecimal digits each. Comments, documentation and tests are no part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Code {
    /// Of what data are made and networks are trained with.
    pub training: String,
    /// Of what judges are trained with.
    pub judges: String,
    /// Of what judges and measures edits.
    pub judging: String,
}

/// One judge, by content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JudgeId {
    /// Its name: `classifier`, `ert-mixed`, `lpips`, ...
    pub name: String,
    /// BLAKE3 of its weights, in hexadecimal.
    pub weights: String,
}

/// What made a cell's numbers, as `done.json` and checkpoints say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Made {
    /// [`Code::training`] of every program that trained it, in order: more than one if it was resumed
    /// by another.
    pub training: Vec<String>,
    /// Commits of the same programs, in the same order; empty text where unknown, `+` behind one whose
    /// sources were changed.
    pub commits: Vec<String>,
    /// What judged it; absent as long as nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
}

/// What made a cell's judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Judged {
    /// [`Code::judging`].
    pub judging: String,
    /// [`Code::judges`] of the program that judged.
    pub judges_code: String,
    /// Commit, as in [`Made::commits`].
    pub commit: String,
    /// [`Cell::judgement`](crate::Cell::judgement): the `[eval]` keys and the content of foreign weights.
    pub keys: String,
    /// Whose images were judged (`eval.part`, behind the source's name if that is not the one that
    /// trains); empty in manifests older than this field, which knew test images alone.
    pub part: String,
    /// Every judge, sorted by name.
    pub judges: Vec<JudgeId>,
    /// BLAKE3 of what the judges are worth on real test images. It sets no judges apart: on a GPU the order
    /// of additions, and so the last digit, is the driver's.
    pub quality: String,
}

impl Build {
    /// Commit as [`Made::commits`] has it.
    pub fn commit_text(&self) -> String {
        let commit = self.commit.as_deref().unwrap_or_default();
        let short = &commit[..commit.len().min(10)];
        if self.dirty { format!("{short}+") } else { short.to_owned() }
    }
}

impl fmt::Display for Build {
    /// Several lines for people, `name: value` each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commit = self.commit.as_deref().unwrap_or("unknown");
        let dirty = if self.dirty { " (changed since)" } else { "" };
        writeln!(f, "commit: {commit}{dirty}")?;
        writeln!(f, "burn: {}", self.burn)?;
        writeln!(f, "rustc: {}", self.rustc)?;
        writeln!(f, "backends: {}", self.backends.join(", "))?;
        let Code { training, judges, judging } = &self.code;
        write!(f, "code: training {training}, judges {judges}, judging {judging}")
    }
}

impl Judged {
    /// Whose images were judged: `test`, `validation`, `MTFL test`.
    pub fn on(&self) -> &str {
        if self.part.is_empty() { TEST } else { &self.part }
    }
}

impl Made {
    /// [`Judged::on`]; what was judged before that was recorded were test images.
    pub fn judged_on(made: Option<&Made>) -> &str {
        made.and_then(|made| made.judged.as_ref()).map_or(TEST, Judged::on)
    }

    /// Notes that this program trains, unless it is the one that did so last.
    pub fn add_training(&mut self, build: &Build) {
        if self.training.last() != Some(&build.code.training) {
            self.training.push(build.code.training.clone());
            self.commits.push(build.commit_text());
        }
    }
}

/// Why cells share no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Apart {
    /// Different code trained them.
    Training,
    /// Different code, or different `[eval]` keys, judged them.
    Judging,
    /// Different judges judged them.
    Judges,
    /// The factor that is compared changes the judges: each level has its own.
    Factor,
}

/// Cells that must not be compared with one another: they were made by different code or judged by
/// different judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mixture {
    /// What sets the groups apart.
    pub apart: Apart,
    /// Groups with their names and their number of cells, the largest first.
    pub groups: Vec<(String, usize)>,
}

/// A group: what sets it apart, and a commit that had it, for people.
type Group = (String, String);

/// Tables of keys that judges depend on.
const OF_JUDGES: [&str; 2] = ["data.", "backend."];

impl Mixture {
    /// The first reason why cells of a sweep share no verdict along `factor`; each comes with what made it
    /// and its levels. Arms that differ in other factors than that are not compared with one another.
    pub fn along<'a>(
        factor: Option<&str>,
        cells: impl Iterator<Item = (Option<&'a Made>, &'a BTreeMap<String, String>)> + Clone,
    ) -> Option<Mixture> {
        let others = |levels: &BTreeMap<String, String>| {
            let mut others = levels.clone();
            factor.map(|factor| others.remove(factor));
            others
        };
        let mixture = Mixture::of(cells.clone().map(|(made, levels)| (made, others(levels))))?;
        let by_factor = factor.is_some_and(|f| OF_JUDGES.iter().any(|table| f.starts_with(table)));
        match mixture.apart {
            Apart::Judges if by_factor && Mixture::of(cells).is_none() => {
                Some(Mixture { apart: Apart::Factor, ..mixture })
            }
            _ => Some(mixture),
        }
    }

    /// Whether making the older cells again heals it.
    pub fn heals(&self) -> bool {
        self.apart != Apart::Factor
    }

    /// The first reason why these cells share no verdict; `None` if they may be compared. Each comes with
    /// what made it (`None`: written before that was recorded) and with the bucket inside which its
    /// judges must be the same as all others': arms on different data have different judges by right.
    pub fn of<'a, B: Ord>(
        cells: impl Iterator<Item = (Option<&'a Made>, B)> + Clone,
    ) -> Option<Mixture> {
        let judged = |made: Option<&'a Made>| made.and_then(|made| made.judged.as_ref());
        let training = cells.clone().map(|(made, _)| made.map_or_else(unknown, training_group));
        let judging =
            cells.clone().map(|(made, _)| judged(made).map_or_else(unknown, judging_group));
        let mut buckets: BTreeMap<B, Vec<Group>> = BTreeMap::new();
        for (made, bucket) in cells.clone() {
            let group = judged(made).map_or_else(unknown, judges_group);
            buckets.entry(bucket).or_default().push(group);
        }
        grouped(Apart::Training, training).or_else(|| grouped(Apart::Judging, judging)).or_else(
            || {
                let judges = |groups: Vec<Group>| grouped(Apart::Judges, groups.into_iter());
                buckets.into_values().find_map(judges)
            },
        )
    }

    /// One line: what sets the groups apart, and how many cells are in each.
    pub fn line(&self) -> String {
        let what = match self.apart {
            Apart::Training => "different code trained these cells",
            Apart::Judging => "different code or [eval] keys judged these cells",
            Apart::Judges => "different judges judged these cells",
            Apart::Factor => "each level of this factor has judges of its own",
        };
        let groups = self.groups.iter().map(|(name, cells)| {
            format!("{cells} {} by {name}", if *cells == 1 { "cell" } else { "cells" })
        });
        format!("{what}: {}", groups.collect::<Vec<_>>().join(", "))
    }
}

fn grouped(apart: Apart, cells: impl Iterator<Item = Group>) -> Option<Mixture> {
    let mut counts: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (name, commit) in cells {
        counts.entry(name).or_insert((commit, 0)).1 += 1;
    }
    let named = |(name, (commit, cells)): (String, (String, usize))| match commit.is_empty() {
        true => (name, cells),
        false => (format!("{name} (commit {commit})"), cells),
    };
    let mut groups: Vec<(String, usize)> = counts.into_iter().map(named).collect();
    groups.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    (groups.len() > 1).then_some(Mixture { apart, groups })
}

fn unknown() -> Group {
    ("a version that did not record it".to_owned(), String::new())
}

/// The first digits of a hash, enough to tell two apart.
fn short(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}

fn training_group(made: &Made) -> Group {
    let codes: Vec<&str> = made.training.iter().map(|code| short(code)).collect();
    match codes.is_empty() {
        true => unknown(),
        false => (format!("code {}", codes.join(", then ")), made.commits.join(", then ")),
    }
}

fn judging_group(judged: &Judged) -> Group {
    let Judged { judging, keys, commit, .. } = judged;
    let (judging, keys, part) = (short(judging), short(keys), judged.on());
    (format!("code {judging} with keys {keys} on {part} images"), commit.clone())
}

fn judges_group(judged: &Judged) -> Group {
    let mut hasher = blake3::Hasher::new();
    for judge in &judged.judges {
        hasher.update(judge.name.as_bytes()).update(&[0]).update(judge.weights.as_bytes());
    }
    (format!("judges {}", short(&hasher.finalize().to_hex())), String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(training: &[&str], commit: &str, weights: &str) -> Made {
        let judges = vec![JudgeId { name: "classifier".to_owned(), weights: weights.to_owned() }];
        Made {
            training: training.iter().map(|code| (*code).to_owned()).collect(),
            commits: training.iter().map(|_| commit.to_owned()).collect(),
            judged: Some(Judged { judging: "j".to_owned(), judges, ..Judged::default() }),
        }
    }

    fn mixture(cells: &[(Made, &str)]) -> Option<Mixture> {
        Mixture::of(cells.iter().map(|(made, bucket)| (Some(made), *bucket)))
    }

    #[test]
    fn equal_code_is_one_group_whatever_the_commit() {
        let cells = [(made(&["a"], "1", "w"), "x"), (made(&["a"], "2", "w"), "x")];
        assert_eq!(mixture(&cells), None);
    }

    #[test]
    fn other_code_is_named_with_its_cells() {
        let cells = [
            (made(&["aaaaaaaaaaaa"], "1", "w"), "x"),
            (made(&["aaaaaaaaaaaa"], "2", "w"), "x"),
            (made(&["b"], "3+", "w"), "x"),
            (made(&["aaaaaaaaaaaa", "b"], "3", "w"), "x"),
        ];
        let line = mixture(&cells).unwrap().line();
        assert_eq!(
            line,
            "different code trained these cells: 2 cells by code aaaaaaaa (commit 1), 1 cell by code \
             aaaaaaaa, then b (commit 3, then 3), 1 cell by code b (commit 3+)"
        );
    }

    #[test]
    fn judges_must_be_the_same_inside_a_bucket_alone() {
        let cells = [(made(&["a"], "1", "w"), "eyeglasses"), (made(&["a"], "1", "v"), "smiling")];
        assert_eq!(mixture(&cells), None);
        let cells = cells.map(|(made, _)| (made, "eyeglasses"));
        assert_eq!(mixture(&cells).unwrap().apart, Apart::Judges);
    }

    #[test]
    fn cells_judged_on_two_parts_share_no_verdict() {
        let on = |part: &str, keys: &str| {
            let (mut made, part) = (made(&["a"], "1", "w"), part.to_owned());
            let judged = Judged { part, keys: keys.to_owned(), ..made.judged.unwrap_or_default() };
            made.judged = Some(judged);
            (made, "x")
        };
        // Older judgements name no part: they were on test images.
        assert_eq!(mixture(&[on("", "k"), on("test", "k")]), None);
        let mixed = mixture(&[on("test", "k"), on("validation", "l"), on("validation", "l")]);
        let mixed = mixed.unwrap();
        assert_eq!((mixed.apart, mixed.groups.len()), (Apart::Judging, 2));
        assert_eq!(
            mixed.line(),
            "different code or [eval] keys judged these cells: 2 cells by code j with keys l on \
             validation images, 1 cell by code j with keys k on test images"
        );
        // Whatever the keys say.
        assert!(mixture(&[on("test", "k"), on("validation", "k")]).is_some());
    }

    #[test]
    fn a_factor_that_changes_the_judges_is_told_from_judges_that_changed() {
        let levels = |key: &str, level: &str| BTreeMap::from([(key.to_owned(), level.to_owned())]);
        let apart = |key: &str, cells: [(&str, &str); 4]| {
            let cells = cells.map(|(level, w)| (made(&["a"], "1", w), levels(key, level)));
            let mixture = Mixture::along(Some(key), cells.iter().map(|(m, l)| (Some(m), l)));
            mixture.map(|mixture| (mixture.apart, mixture.heals()))
        };
        let own = [("1", "w"), ("1", "w"), ("2", "v"), ("2", "v")];
        assert_eq!(apart("backend.threads", own), Some((Apart::Factor, false)));
        assert_eq!(apart("losses.dual", own), Some((Apart::Judges, true)));
        let changed = [("1", "w"), ("1", "u"), ("2", "v"), ("2", "v")];
        assert_eq!(apart("backend.threads", changed), Some((Apart::Judges, true)));
        assert_eq!(apart("data.size", [("1", "w"), ("1", "w"), ("2", "w"), ("2", "w")]), None);
    }

    #[test]
    fn what_nobody_recorded_is_a_group_of_its_own() {
        let known = made(&["a"], "1", "w");
        let cells = [(Some(&known), 0), (None, 0)];
        let mixture = Mixture::of(cells.into_iter()).unwrap();
        assert_eq!((mixture.apart, mixture.groups.len()), (Apart::Training, 2));
        assert_eq!(Mixture::of([(None, 0), (None, 0)].into_iter()), None);
    }
}
