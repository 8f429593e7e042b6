//! The judges: networks and tree ensembles that never see an edited image in training, trained once
//! per data set on the judges' pool and kept in the cache for every cell.

mod attributes;
mod cache;
mod classifier;
mod error;
mod identity;
mod juror;
mod lessons;
mod pairs;
mod partial;
mod study;
mod training;

pub use attributes::JudgedList;
pub use cache::Known;
pub(crate) use cache::{Key, cached, cached_network, foreign};
pub use classifier::{AttributeJudge, Opinion, attribute_judge, classifier};
pub use error::JudgeError;
pub(crate) use identity::cosine;
pub use identity::{IdentityJudge, identity, possible};
pub use juror::{Juror, Question};
pub(crate) use pairs::knows_halves;
pub(crate) use partial::Completion;
pub(crate) use training::{adam, log_loss, rate};
