//! Is it still the same person? Embeddings of all judged images, and where an edited image lies among
//! them.

use std::collections::BTreeMap;

use burn::tensor::Device;
use data::Prepared;

use crate::judges::{IdentityJudge, cosine};

/// Images per forward pass.
const BATCH: usize = 64;

/// The judged images as unit vectors, with who they show.
pub(crate) struct Gallery<'a> {
    judge: &'a IdentityJudge,
    device: &'a Device,
    size: usize,
    data: &'a Prepared,
    /// Face and embedding.
    members: Vec<(usize, Vec<f32>)>,
}

/// What became of one person in one edit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kept {
    /// Cosine between the input's and the edited image's embedding.
    pub(crate) cosine: f64,
    /// Whether the other judged image nearest to the edited one shows the same person; `None` where
    /// the judged images do not show this person twice.
    pub(crate) nearest: Option<bool>,
}

impl<'a> Gallery<'a> {
    /// Of these faces, by class.
    pub(crate) fn new(
        judge: &'a IdentityJudge,
        data: &'a Prepared,
        judged: [&[usize]; 2],
        device: &'a Device,
    ) -> Self {
        let size = data.images.size();
        let mut members = Vec::new();
        for faces in judged.concat().chunks(BATCH) {
            let mut values = Vec::new();
            data::gather(&data.images, faces, &vec![false; faces.len()], &mut values);
            members.extend(faces.iter().copied().zip(judge.embed(values, size, device)));
        }
        Gallery { judge, device, size, data, members }
    }

    /// A batch's edited images against their inputs and against all other judged images.
    pub(crate) fn kept(&self, faces: &[usize], edited: &[f32]) -> Vec<Kept> {
        let vectors = self.judge.embed(edited.to_vec(), self.size, self.device);
        let one = |(face, vector): (&usize, Vec<f32>)| Kept {
            cosine: self.own(*face).map_or(0.0, |own| cosine(own, &vector)),
            nearest: self.nearest_is_same(*face, &vector),
        };
        faces.iter().zip(vectors).map(one).collect()
    }

    fn own(&self, face: usize) -> Option<&Vec<f32>> {
        self.members.iter().find(|(member, _)| *member == face).map(|(_, vector)| vector)
    }

    fn nearest_is_same(&self, face: usize, vector: &[f32]) -> Option<bool> {
        let who = |face: usize| self.data.faces[face].identity.as_deref();
        let person = who(face)?;
        let others = || self.members.iter().filter(|(member, _)| *member != face);
        if !others().any(|(member, _)| who(*member) == Some(person)) {
            return None;
        }
        let near = |(_, a): &&(usize, Vec<f32>), (_, b): &&(usize, Vec<f32>)| {
            cosine(a, vector).total_cmp(&cosine(b, vector))
        };
        others().max_by(near).map(|(member, _)| who(*member) == Some(person))
    }

    /// The judge's own quality on real test images: `rank1` (the nearest other image shows the same
    /// person), over `n` images of people shown twice, in a gallery of `gallery` images; `chance` is
    /// what a blind guess would score.
    pub(crate) fn quality(&self) -> BTreeMap<String, f64> {
        let verdicts =
            self.members.iter().map(|(face, vector)| (face, self.nearest_is_same(*face, vector)));
        let known: Vec<(usize, bool)> =
            verdicts.filter_map(|(face, verdict)| Some((*face, verdict?))).collect();
        let n = known.len() as f64;
        let mut figures = BTreeMap::from([("gallery".to_owned(), self.members.len() as f64)]);
        if known.is_empty() {
            return figures;
        }
        let who = |face: usize| self.data.faces[face].identity.as_deref();
        let same = |face: usize| {
            let others = self.members.iter().filter(|(member, _)| *member != face);
            others.filter(|(member, _)| who(*member) == who(face)).count() as f64
        };
        let others = (self.members.len() - 1) as f64;
        let chance = known.iter().map(|(face, _)| same(*face) / others).sum::<f64>() / n;
        let right = known.iter().filter(|(_, same)| *same).count() as f64;
        figures.extend([
            ("n".to_owned(), n),
            ("rank1".to_owned(), right / n),
            ("chance".to_owned(), chance),
        ]);
        figures
    }
}
