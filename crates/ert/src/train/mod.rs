//! Training: gradient boosting of trees over a cascade.

mod candidates;
mod grow;
mod pool;
mod sample;
mod search;
mod setup;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::model::{Cascade, Ert, Sizes};
use crate::{ErtError, GreyImage, Options};
use grow::Grower;
use pool::Columns;
pub use sample::Sample;
use setup::Fit;

/// Trains a cascade on `samples` (algorithm 1 of the paper).
///
/// `progress` is called after each tree with the number of trees done and their total. Work is
/// shared among the threads of the current rayon pool; the model depends on neither their number
/// nor their timing. Memory is about `samples * oversampling * (feature_pool + 16 K)` bytes
/// beside the images.
///
/// # Errors
/// An option out of range, no samples or points, shapes of different length, coordinates that
/// are not finite, a box without area, an image that does not exist or has a wrong number of
/// pixels, or points that leave no region to choose pixels from.
pub fn train(
    images: &[GreyImage],
    samples: &[Sample],
    options: &Options,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Ert, ErtError> {
    options.check()?;
    setup::check(images, samples)?;
    let mut random = ChaCha8Rng::seed_from_u64(options.seed);
    let mut fit = Fit::new(samples, options, &mut random);
    let region = pool::Region::around(&fit.mean, options.padding)?;
    let pools: Vec<_> = (0..options.cascade_depth)
        .map(|_| region.draw(options.feature_pool, &mut random))
        .collect();

    let sizes = Sizes {
        points: fit.mean.len() / 2,
        cascades: options.cascade_depth,
        trees: options.trees_per_cascade,
        depth: options.tree_depth,
        pool: options.feature_pool,
    };
    let total = sizes.cascades * sizes.trees;
    let mut columns = Columns::new(options.feature_pool, fit.len());
    let mut grower = Grower::new(sizes, options, fit.len());
    let mut cascades = Vec::with_capacity(sizes.cascades);
    for pixels in pools {
        let (anchors, deltas) = pool::tie(&fit.mean, &pixels);
        columns.fill(images, samples, &fit, &anchors, &deltas);
        let (mut splits, mut leaves) = (Vec::new(), Vec::new());
        for tree in 0..sizes.trees {
            let grown = grower.grow(&columns, &mut fit.residuals, &pixels, &mut random);
            splits.extend(grown.splits);
            leaves.extend(grown.leaves);
            progress(cascades.len() * sizes.trees + tree + 1, total);
        }
        cascades.push(Cascade { anchors, deltas, splits, leaves });
    }
    Ok(Ert { sizes, initial: fit.mean, cascades })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::testing::{discs, small_options};

    fn model(threads: usize, options: &Options) -> Vec<u8> {
        let (images, samples) = discs(60, 1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| train(&images, &samples, options, &|_, _| {})).unwrap().to_bytes()
    }

    #[test]
    fn the_seed_alone_decides_whatever_the_threads() {
        let options = small_options();
        let one = model(1, &options);
        assert!(one == model(3, &options), "three threads gave another model than one");
        assert!(one != model(1, &Options { seed: 8, ..options }), "the seed does nothing");
    }

    /// Mean distance of points in pixels.
    fn error(ert: &Ert, images: &[GreyImage], samples: &[Sample]) -> f32 {
        let distances = samples.iter().flat_map(|sample| {
            let found = ert.detect(&images[sample.image], &sample.rect);
            let pairs: Vec<_> = found.into_iter().zip(sample.shape.clone()).collect();
            pairs.into_iter().map(|(f, t)| (f[0] - t[0]).hypot(f[1] - t[1]))
        });
        distances.sum::<f32>() / (samples.len() * samples[0].shape.len()) as f32
    }

    /// The same faces with 68 points: every disc is marked again and again, a little beside it.
    fn sixty_eight(count: usize, seed: u64) -> (Vec<GreyImage>, Vec<Sample>) {
        let (images, mut samples) = discs(count, seed);
        for sample in &mut samples {
            let marked = sample.shape.clone();
            let point = |k: usize| {
                let [x, y] = marked[k % marked.len()];
                [x + k as f32 / 20.0, y - k as f32 / 30.0]
            };
            sample.shape = (0..68).map(point).collect();
        }
        (images, samples)
    }

    #[test]
    fn sixty_eight_points_are_learned_and_saved_like_five() {
        let (images, samples) = sixty_eight(200, 1);
        let options = Options { trees_per_cascade: 60, ..small_options() };
        let ert = train(&images, &samples, &options, &|_, _| {}).unwrap();
        assert_eq!(ert.points(), 68);
        assert_eq!(Ert::from_bytes(&ert.to_bytes()).as_ref(), Ok(&ert));
        assert_eq!(Ert::from_dlib(&ert.to_dlib()).as_ref(), Ok(&ert));
        let mut mean = ert.clone();
        mean.cascades.clear();
        let (images, samples) = sixty_eight(50, 2);
        let (found, guessed) = (error(&ert, &images, &samples), error(&mean, &images, &samples));
        assert!(found < 0.5 * guessed, "{found} px, mean shape {guessed} px");
    }

    #[test]
    fn unseen_faces_are_found_far_better_than_by_the_mean_shape() {
        let (images, samples) = discs(200, 1);
        let options = Options { trees_per_cascade: 60, ..small_options() };
        let ert = train(&images, &samples, &options, &|_, _| {}).unwrap();
        let mut mean = ert.clone();
        mean.cascades.clear();
        let (images, samples) = discs(50, 2);
        let (found, guessed) = (error(&ert, &images, &samples), error(&mean, &images, &samples));
        assert!(found < 0.5 * guessed, "{found} px, mean shape {guessed} px");
    }

    #[test]
    fn a_random_start_may_move_by_the_jitter() {
        let (_, samples) = discs(30, 1);
        let spread = |jitter| {
            let options = Options { translation_jitter: jitter, ..small_options() };
            let fit = Fit::new(&samples, &options, &mut ChaCha8Rng::seed_from_u64(1));
            fit.residuals.iter().fold(0.0f32, |most, r| most.max(r.abs()))
        };
        assert!(spread(0.4) > spread(0.0) + 0.2);
    }

    #[test]
    fn progress_counts_every_tree() {
        let (images, samples) = discs(5, 1);
        let calls = AtomicUsize::new(0);
        let count = |done, total| {
            assert_eq!(done, calls.fetch_add(1, Ordering::Relaxed) + 1);
            assert_eq!(total, 40);
        };
        let options = Options { cascade_depth: 2, trees_per_cascade: 20, ..small_options() };
        train(&images, &samples, &options, &count).unwrap();
        assert_eq!(calls.into_inner(), 40);
    }

    #[test]
    fn each_flaw_of_the_data_has_its_error() {
        let (images, samples) = discs(4, 1);
        let options =
            Options { cascade_depth: 1, trees_per_cascade: 1, padding: 0.0, ..small_options() };
        let flawed = |change: &dyn Fn(&mut Vec<GreyImage>, &mut Vec<Sample>)| {
            let (mut images, mut samples) = (images.clone(), samples.clone());
            change(&mut images, &mut samples);
            train(&images, &samples, &options, &|_, _| {}).unwrap_err()
        };
        assert_eq!(flawed(&|_, s| s.clear()), ErtError::NoSamples);
        assert_eq!(flawed(&|_, s| s[0].shape.clear()), ErtError::NoPoints);
        let count = ErtError::PointCount { sample: 2, expected: 5, found: 4 };
        assert_eq!(flawed(&|_, s| s[2].shape.truncate(4)), count);
        let nan = ErtError::NotFinite { sample: 1, point: 3 };
        assert_eq!(flawed(&|_, s| s[1].shape[3][0] = f32::NAN), nan);
        let empty = ErtError::EmptyRect { sample: 3 };
        assert_eq!(flawed(&|_, s| s[3].rect.right = s[3].rect.left), empty);
        assert_eq!(flawed(&|_, s| s[3].rect.top = f32::NEG_INFINITY), empty);
        let index = ErtError::ImageIndex { sample: 0, image: 4, images: 4 };
        assert_eq!(flawed(&|_, s| s[0].image = 4), index);
        let size = ErtError::ImageSize { image: 1, width: 64, height: 64, pixels: 4095 };
        assert_eq!(flawed(&|i, _| i[1].pixels.truncate(4095)), size);
        let point = |_: &mut Vec<GreyImage>, s: &mut Vec<Sample>| {
            s.iter_mut().for_each(|sample| sample.shape.truncate(1));
        };
        assert_eq!(flawed(&point), ErtError::NoArea);
    }

    #[test]
    fn one_point_and_identical_faces_train() {
        let (images, samples) = discs(4, 1);
        let one: Vec<Sample> =
            samples.iter().map(|s| Sample { shape: s.shape[..1].to_vec(), ..s.clone() }).collect();
        let options = Options { padding: 0.1, trees_per_cascade: 3, ..small_options() };
        assert_eq!(train(&images, &one, &options, &|_, _| {}).unwrap().points(), 1);
        // No split separates a single sample from itself: all leaves but one stay empty.
        let options = Options { oversampling: 1, trees_per_cascade: 3, ..small_options() };
        let ert = train(&images, &samples[..1], &options, &|_, _| {}).unwrap();
        let found = ert.detect(&images[0], &samples[0].rect);
        let near = |(f, t): (&[f32; 2], &[f32; 2])| (f[0] - t[0]).hypot(f[1] - t[1]) < 1e-3;
        assert!(found.iter().zip(&samples[0].shape).all(near), "{found:?}");
    }
}
