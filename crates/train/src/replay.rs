//! Old edits, shown to D again so that it does not forget them (Shrivastava et al. 2017).

use burn::tensor::{Device, Tensor, TensorData};
use config::RunConfig;
use model::weights::NamedArrays;

/// Old edits of both generators; each list fills up to `train.replay`.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    kept: [Vec<Tensor<4>>; 2],
}

impl Replay {
    /// What D learns from in place of these edits `[N, 3, S, S]` without a graph, of generator 0 or 1: with a
    /// chance of one half an old edit, in whose place the new one is kept. While the list is not full
    /// every edit is kept and shown. `numbers` in [0, 1), one per edit, decide.
    pub fn exchange(
        &mut self,
        generator: usize,
        edits: Tensor<4>,
        numbers: &[f32],
        capacity: usize,
    ) -> Tensor<4> {
        let kept = &mut self.kept[generator];
        let mut shown = Vec::with_capacity(numbers.len());
        for (place, number) in numbers.iter().enumerate() {
            let edit = edits.clone().narrow(0, place, 1);
            if kept.len() < capacity {
                kept.push(edit.clone());
                shown.push(edit);
            } else if *number < 0.5 {
                shown.push(edit);
            } else {
                let which = ((number - 0.5) * 2.0 * capacity as f32) as usize;
                shown.push(std::mem::replace(&mut kept[which.min(capacity - 1)], edit));
            }
        }
        Tensor::cat(shown, 0)
    }

    /// Its images, by generator and place.
    pub(crate) fn arrays(&self) -> NamedArrays {
        let one = |generator: usize, place: usize, edit: &Tensor<4>| {
            let values = model::to_pixels(edit.clone().inner());
            (format!("g{generator}.{place}"), (edit.dims().to_vec(), values))
        };
        let all = self.kept.iter().enumerate().flat_map(|(generator, kept)| {
            kept.iter().enumerate().map(move |(place, edit)| one(generator, place, edit))
        });
        all.collect()
    }

    /// The same from its arrays.
    pub(crate) fn restored(mut arrays: NamedArrays, device: &Device) -> Result<Replay, String> {
        let mut list = |generator: usize| {
            let mut kept = Vec::new();
            while let Some((shape, values)) = arrays.remove(&format!("g{generator}.{}", kept.len()))
            {
                let shape: [usize; 4] =
                    shape.try_into().map_err(|_| "replay.safetensors holds no images")?;
                kept.push(Tensor::from_data(TensorData::new(values, shape), device));
            }
            Ok::<_, String>(kept)
        };
        Ok(Replay { kept: [list(0)?, list(1)?] })
    }

    /// Bytes that it takes in the end.
    pub(crate) fn expected_bytes(run: &RunConfig) -> u64 {
        2 * (run.train.replay * 3 * run.data.size * run.data.size * 4) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(values: [f32; 2], device: &Device) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values.to_vec(), [2, 1, 1, 1]), device)
    }

    fn values(x: Tensor<4>) -> Vec<f32> {
        x.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn old_edits_come_back_and_new_ones_take_their_place() {
        let device = backend::host();
        let mut replay = Replay::default();
        let show = |replay: &mut Replay, new, numbers: [f32; 2]| {
            values(replay.exchange(1, edits(new, &device), &numbers, 3))
        };
        assert_eq!(show(&mut replay, [1.0, 2.0], [0.9, 0.9]), [1.0, 2.0]);
        // One place is left: 3 takes it; 4 is exchanged for the third.
        assert_eq!(show(&mut replay, [3.0, 4.0], [0.5, 0.99]), [3.0, 3.0]);
        assert_eq!(show(&mut replay, [5.0, 6.0], [0.49, 0.5]), [5.0, 1.0]);
        assert_eq!(show(&mut replay, [7.0, 8.0], [0.7, 0.99]), [2.0, 4.0]);
        assert!(replay.kept[0].is_empty());

        let again = Replay::restored(replay.arrays(), &device).unwrap();
        let kept =
            |replay: &Replay| replay.kept[1].iter().cloned().flat_map(values).collect::<Vec<_>>();
        assert_eq!(kept(&again), [6.0, 7.0, 8.0]);
        assert_eq!(kept(&again), kept(&replay));
    }
}
