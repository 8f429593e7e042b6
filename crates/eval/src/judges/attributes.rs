//! Which attributes the classifier learns.

use config::{Attribute, JudgedAttributes, RunConfig};
use data::{DataError, Prepared};

use super::juror::Juror;

/// The attributes that are judged, and where the data label them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedList {
    /// The edited attribute is among them.
    pub attributes: Vec<Attribute>,
    /// The places of their labels.
    pub places: Vec<usize>,
}

impl JudgedList {
    /// What `eval.attributes` asks for, the paper's six first, and the edited attribute if it is not
    /// among that. Beside the edited one, what a judge's half of the pool does not show both ways is left out:
    /// nothing could be learned of it.
    ///
    /// # Errors
    /// The data do not label an attribute that is asked for by name.
    pub fn of(run: &RunConfig, data: &Prepared) -> Result<JudgedList, DataError> {
        let columns = &data.columns;
        let six = Attribute::of_the_paper().filter(|attribute| columns.place(attribute).is_some());
        let mut wanted: Vec<Attribute> = match &run.eval.attributes {
            JudgedAttributes::Paper => six.collect(),
            JudgedAttributes::All => six.chain(columns.attributes.iter().cloned()).collect(),
            JudgedAttributes::Listed(names) => names.clone(),
        };
        wanted.push(run.data.attribute.clone());
        let mut list = JudgedList { attributes: Vec::new(), places: Vec::new() };
        for attribute in wanted {
            let place = columns.require("eval.attributes", &attribute)?;
            let is_shown = || {
                let mut pools = Juror::ALL.into_iter().map(|juror| juror.pool(data));
                pools.all(|pool| shown(data, &pool, place).iter().all(|faces| !faces.is_empty()))
            };
            let is_new = !list.attributes.contains(&attribute);
            if is_new && (attribute == run.data.attribute || is_shown()) {
                list.attributes.push(attribute);
                list.places.push(place);
            }
        }
        Ok(list)
    }

    /// Number of attributes, at least 1.
    pub fn len(&self) -> usize {
        self.attributes.len()
    }

    /// Never: the edited attribute is there.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Where the edited attribute stands in the list.
    pub(crate) fn target(&self, run: &RunConfig) -> usize {
        let target = self.attributes.iter().position(|a| *a == run.data.attribute);
        target.expect("the edited attribute is judged")
    }

    /// A face's labels, in the list's order.
    pub(crate) fn labels(&self, data: &Prepared, face: usize) -> Vec<Option<bool>> {
        let labels = data.faces[face].labels;
        self.places.iter().map(|place| labels.get(*place)).collect()
    }
}

/// A pool's faces without and with the attribute at a place.
pub(crate) fn shown(data: &Prepared, pool: &[usize], place: usize) -> [Vec<usize>; 2] {
    [false, true].map(|label| {
        let has = |face: &&usize| data.faces[**face].labels.get(place) == Some(label);
        pool.iter().filter(has).copied().collect()
    })
}
