//! Everything that judges a cell.

use std::path::Path;

use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
use model::lpips::Lpips;
use record::JudgeId;

use crate::judges::{self, AttributeJudge, IdentityJudge, JudgeError, JudgedList, Juror};
use crate::landmarks::{self, Trained};

/// Everything that judges a cell.
pub(crate) struct Judges {
    /// What the classifiers judge.
    pub(crate) attributes: JudgedList,
    /// In the order of [`Juror::ALL`].
    pub(crate) jury: [AttributeJudge; 2],
    pub(crate) detectors: Vec<Trained>,
    pub(crate) identity: Option<IdentityJudge>,
    pub(crate) lpips: Option<Lpips>,
    /// Who they are, sorted by name.
    pub(crate) ids: Vec<JudgeId>,
}

impl Judges {
    pub(crate) fn load(
        run: &RunConfig,
        data: &Prepared,
        device: &Device,
        cache: &Path,
    ) -> Result<Judges, JudgeError> {
        let mut ids = Vec::new();
        let lpips = match run.eval.lpips_weights.as_str() {
            "" => None,
            path => {
                let (key, path) = ("eval.lpips_weights", Path::new(path));
                ids.push(judges::foreign(key, "lpips", path)?);
                let loaded = Lpips::load(path, device);
                Some(loaded.map_err(|source| JudgeError::Weights { key, source })?)
            }
        };
        let mut judge = |juror| -> Result<AttributeJudge, JudgeError> {
            let (judge, own) = judges::attribute_judge(juror, run, data, device, cache)?;
            ids.extend(own);
            Ok(judge)
        };
        let jury = [judge(Juror::First)?, judge(Juror::Second)?];
        let detectors = landmarks::all(run, data, device, cache)?;
        let identity = judges::identity(run, data, device, cache)?;
        ids.extend(detectors.iter().filter_map(|trained| trained.id.clone()));
        ids.extend(identity.as_ref().map(|identity| identity.id.clone()));
        ids.sort();
        let identity = identity.map(|identity| identity.judge);
        let attributes = JudgedList::of(run, data)?;
        Ok(Judges { attributes, jury, detectors, identity, lpips, ids })
    }
}
