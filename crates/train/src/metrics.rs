//! The numbers of a step and the columns that they are logged in; both follow from the objective.

use burn::tensor::Tensor;
use config::RunConfig;
use losses::objective::{self, Weighted};
use record::tables::LogColumn;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The sum of D's terms.
pub(crate) const D_LOSS: &str = "d_loss";
/// The sum of the generators' terms.
pub(crate) const G_LOSS: &str = "g_loss";
/// Mean absolute residual per value, images in [-1, 1].
pub(crate) const RESIDUAL: &str = "residual_l1";

/// What D recognises, as shares of the images: real negatives, real positives, edited images.
pub(crate) const RECOGNISED: [(&str, &str); 3] = [
    ("d_real0", "D: real, without, recognised"),
    ("d_real1", "D: real, with, recognised"),
    ("d_fake", "D: edited, recognised"),
];

/// What one step measured: a line of `metrics.jsonl`. Terms are weighted, so that those of a network
/// add up to its loss; terms of G0 and G1 are added.
#[derive(Clone, Debug, PartialEq)]
pub struct StepMetrics {
    /// Generator steps done, from 1.
    pub step: usize,
    values: Vec<(&'static str, f32)>,
}

impl StepMetrics {
    /// Reads all numbers of a step in one transfer from the device.
    pub(crate) fn read(step: usize, numbers: Vec<Weighted>) -> StepMetrics {
        let (columns, numbers): (Vec<_>, Vec<_>) = numbers.into_iter().unzip();
        // Some were made on the plain device, some on the autodiff one.
        let numbers = numbers.into_iter().map(Tensor::inner).collect();
        let values = Tensor::cat(numbers, 0).into_data().try_to_vec::<f32>();
        let values = values.expect("metrics are f32");
        StepMetrics { step, values: columns.into_iter().zip(values).collect() }
    }

    /// The number in a column; `None` if this run has no such column.
    pub fn get(&self, column: &str) -> Option<f32> {
        self.values.iter().find(|(name, _)| *name == column).map(|(_, value)| *value)
    }

    /// The first number that is not finite, by its column; a run that has one has diverged.
    pub(crate) fn not_finite(&self) -> Option<&'static str> {
        // Parts first: they say more than their sum.
        let is_sum = |name: &str| [D_LOSS, G_LOSS].contains(&name);
        let broken = self.values.iter().filter(|(_, value)| !value.is_finite());
        let (sums, parts): (Vec<_>, Vec<_>) =
            broken.map(|(name, _)| *name).partition(|name| is_sum(name));
        parts.into_iter().chain(sums).next()
    }
}

impl Serialize for StepMetrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len() + 1))?;
        map.serialize_entry("step", &self.step)?;
        self.values.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

/// The columns of this run's log, in the order in which a figure shows them.
pub fn columns(run: &RunConfig) -> Vec<LogColumn> {
    let column = |name: &str, title: &str, unit: &str| LogColumn {
        name: name.to_owned(),
        title: title.to_owned(),
        unit: unit.to_owned(),
        share: false,
        shown: true,
    };
    let hidden = |column: LogColumn| LogColumn { shown: false, ..column };
    let of_d = objective::discriminator_terms(run).map(|term| term.about());
    let of_g = objective::generator_terms(run).map(|term| term.about());
    let mut columns = vec![column(D_LOSS, "D: loss", "nats")];
    columns.extend(of_g.map(|about| column(about.column, about.title, about.unit)));
    columns.push(column(RESIDUAL, "Residual: mean |r|", "images in [-1, 1]"));
    let shares = RECOGNISED.map(|(name, title)| column(name, title, "share"));
    columns.extend(shares.map(|column| LogColumn { share: true, ..column }));
    // Their sum says enough at first sight.
    columns.extend(of_d.map(|about| hidden(column(about.column, about.title, about.unit))));
    columns.push(hidden(column(G_LOSS, "G: sum of the terms", "weighted")));
    columns
}
