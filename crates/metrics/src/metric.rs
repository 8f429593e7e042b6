//! What a metric is: a number for every edit, or one for a whole set, and what is to be said of it.

use crate::edit::{Edit, EditedSet};

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Up,
    /// Less is better.
    Down,
}

/// How a metric is computed; `None` where it is not defined or the data cannot tell.
#[derive(Clone, Copy)]
pub enum Measure {
    /// A column of `images.csv`: one number per test image and direction.
    Image(fn(&Edit<'_>) -> Option<f64>),
    /// A row of `scores.csv`: one number per direction.
    Set(fn(&EditedSet<'_>) -> Option<f64>),
}

/// A metric. Tables, figures, screens and pages know metrics by this row alone.
#[derive(Clone, Copy)]
pub struct Metric {
    /// Its column or row; unique.
    pub name: &'static str,
    /// For axes and headings.
    pub title: &'static str,
    /// Empty for a plain number.
    pub unit: &'static str,
    /// `None` where neither direction is better.
    pub better: Option<Better>,
    /// Digits after the point in tables.
    pub decimals: usize,
    /// What it is, in a sentence or two.
    pub doc: &'static str,
    /// How it is computed.
    pub measure: Measure,
    /// In the table that a person reads first, and one of the family of questions asked beforehand.
    pub short: bool,
    /// In the figure of scores.
    pub drawn: bool,
    /// Measured on the input alone: an arm cannot change it, so it is not tested.
    pub input_only: bool,
    /// The headline metric whose paired differences are the same numbers up to sign.
    pub same_as: Option<&'static str>,
    /// 0 or 1 per image: pairs of images can be counted.
    pub binary: bool,
}

impl Metric {
    /// A metric of the long tables, where neither direction is better; the methods below say more.
    pub(crate) const fn new(
        name: &'static str,
        title: &'static str,
        unit: &'static str,
        decimals: usize,
        measure: Measure,
        doc: &'static str,
    ) -> Metric {
        Metric {
            name,
            title,
            unit,
            better: None,
            decimals,
            doc,
            measure,
            short: false,
            drawn: false,
            input_only: false,
            same_as: None,
            binary: false,
        }
    }

    /// More is better.
    pub(crate) const fn up(self) -> Metric {
        Metric { better: Some(Better::Up), ..self }
    }

    /// Less is better.
    pub(crate) const fn down(self) -> Metric {
        Metric { better: Some(Better::Down), ..self }
    }

    /// Goes into the short table.
    pub(crate) const fn short(self) -> Metric {
        Metric { short: true, ..self }
    }

    /// Goes into the figure of scores.
    pub(crate) const fn drawn(self) -> Metric {
        Metric { drawn: true, ..self }
    }

    /// Measured on the input alone.
    pub(crate) const fn input(self) -> Metric {
        Metric { input_only: true, ..self }
    }

    /// 0 or 1.
    pub(crate) const fn binary(self) -> Metric {
        Metric { binary: true, ..self }
    }

    /// Says the same of two arms as another metric.
    pub(crate) const fn same_as(self, headline: &'static str) -> Metric {
        Metric { same_as: Some(headline), ..self }
    }

    /// The value of one edit, computed once of each; `None` for metrics of sets.
    pub fn value(&self, edit: &Edit<'_>) -> Option<f64> {
        match self.measure {
            Measure::Image(of) => edit.once(self.name, of),
            Measure::Set(_) => None,
        }
    }

    /// Whether 0 means "as if the image had been left alone".
    pub fn is_gain(&self) -> bool {
        self.name.ends_with("_gain")
    }
}

/// How much larger one metric of an edit is than another.
pub(crate) fn gain(edit: &Edit<'_>, of: &Metric, over: &Metric) -> Option<f64> {
    Some(of.value(edit)? - over.value(edit)?)
}
