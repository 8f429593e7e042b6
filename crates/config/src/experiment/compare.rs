//! `[compare]`: the factor that a sweep asks about and its baseline.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::error::{ConfigError, SourceText};
use crate::layer;
use crate::run::RunConfig;
use crate::schema::nearest;

use super::axes::level_text;
use super::cells::Factors;
use super::command_line::CommandLine;
use super::reader::Reader;
use super::types::Compare;

/// `[compare]` as it stands in the file.
pub(super) struct CompareTable {
    factor: (String, Range<usize>),
    baseline: (String, Range<usize>),
    /// Whether the file varies the factor.
    varied: bool,
}

impl Reader<'_> {
    /// `[compare]`; `varied` says which keys the file varies.
    pub(super) fn compare(
        &self,
        table: &DeTable<'_>,
        varied: impl Fn(&str) -> bool,
    ) -> Result<Option<CompareTable>, ConfigError> {
        let Some(value) = table.get("compare") else { return Ok(None) };
        let help = "write [compare] with factor = \"losses.dual\" and baseline = \"none\"";
        let DeValue::Table(inner) = value.get_ref() else {
            return Err(self.at(value.span(), "`compare` must be a table", "not a table", help));
        };
        let known = ["factor", "baseline"];
        if let Some(key) = inner.keys().find(|k| !known.contains(&k.get_ref().as_ref())) {
            return Err(self.at(key.span(), "unknown key in [compare]", "no such key", help));
        }
        let Some(factor) = self.text(inner, "factor")? else {
            return Err(self.at(value.span(), "[compare] needs `factor`", "missing here", help));
        };
        let Some(baseline) = inner.get("baseline") else {
            return Err(self.at(value.span(), "[compare] needs `baseline`", "missing", help));
        };
        let entry = layer::entry(baseline.span(), baseline, self.source)?;
        let key = RunConfig::keys().iter().find(|key| key.path == factor.0);
        let level =
            key.map_or(entry.value.clone(), |key| key.kind.canonical(entry.value.clone(), None));
        let varied = varied(&factor.0);
        Ok(Some(CompareTable { factor, baseline: (level_text(&level), baseline.span()), varied }))
    }
}

impl CompareTable {
    /// The comparison among the factors there are. A factor that the command line took leaves
    /// nothing to compare, nor does one whose levels it replaced by others than the baseline.
    pub(super) fn among(
        self,
        source: &SourceText,
        factors: &Factors,
        command_line: &CommandLine,
    ) -> Result<Option<Compare>, ConfigError> {
        let taken = self.varied && command_line.fixes(&self.factor.0);
        let refuse = |span, title: &str, label: &str, help| {
            Err(ConfigError::at(source, span, title, label, Some(help)))
        };
        let Some((_, levels)) = factors.iter().find(|(key, _)| *key == self.factor.0) else {
            if taken {
                return Ok(None);
            }
            let help = match nearest(&self.factor.0, factors.iter().map(|(key, _)| key.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name one of the keys under [factors], [[zip]] or [[include]]".to_owned(),
            };
            return refuse(self.factor.1, "this is no factor here", "not varied", help);
        };
        if !levels.contains(&self.baseline.0) {
            if taken {
                return Ok(None);
            }
            let help = format!("its levels are {}", levels.join(", "));
            return refuse(self.baseline.1, "the baseline is no level", "not a level", help);
        }
        Ok(Some(Compare { factor: self.factor.0, baseline: self.baseline.0 }))
    }
}
