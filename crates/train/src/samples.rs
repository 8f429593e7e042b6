//! The sample grid: the first faces of both classes, and on photographs faces that the attribute was
//! drawn on; with the share of the true change that the edits explain, where it is known.

use burn::tensor::Device;
use config::RunConfig;
use data::{Prepared, Styles};
use image::RgbImage;
use losses::Direction;
use model::{Generator, Mode, from_pixels, to_pixels};

use crate::grid::Grid;

const COLUMNS: usize = 8;

/// Faces before the edit, and after the true one where it is known; planar values in [-1, 1].
struct Rows {
    label: String,
    input: Vec<f32>,
    truth: Vec<Option<Vec<f32>>>,
}

/// Draws the grid of G0 and G1, which compute on `device`.
pub(crate) fn draw(
    (g0, g1): (&Generator, &Generator),
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
) -> RgbImage {
    let [negative, positive] = data.split.judged(run.eval.part);
    let mut grid = Grid::new(run.data.size);
    put(&mut grid, g1, &real(Direction::Remove, positive, run, data), device);
    put(&mut grid, g0, &real(Direction::Add, negative, run, data), device);
    let drawn = drawn(negative, run, data);
    if !drawn.input.is_empty() {
        put(&mut grid, g1, &drawn, device);
    }
    grid.draw()
}

fn real(direction: Direction, faces: &[usize], run: &RunConfig, data: &Prepared) -> Rows {
    let (size, attribute) = (run.data.size, &run.data.attribute);
    let faces = &faces[..faces.len().min(COLUMNS)];
    let planar = |bytes: Vec<u8>| data::planar(&bytes, size, false);
    let truth = faces.iter().map(|face| data.truth(*face, attribute).map(planar)).collect();
    let mut input = Vec::new();
    data::gather(&data.images, faces, &vec![false; faces.len()], &mut input);
    Rows { label: format!("{}\n{}", direction.name(), named(run)), input, truth }
}

/// Faces that the attribute was drawn on as it is for judging; none where the true edit is known anyway.
fn drawn(faces: &[usize], run: &RunConfig, data: &Prepared) -> Rows {
    let (size, attribute) = (run.data.size, &run.data.attribute);
    let mut rows =
        Rows { label: format!("remove drawn\n{}", named(run)), input: vec![], truth: vec![] };
    let unknown = faces.iter().filter(|face| data.truth(**face, attribute).is_none());
    let worn =
        unknown.filter_map(|face| Some((face, data.worn(*face, attribute, Styles::Test, 0)?)));
    for (face, worn) in worn.take(COLUMNS) {
        rows.input.extend(data::planar(&worn, size, false));
        rows.truth.push(Some(data::planar(data.images.image(*face), size, false)));
    }
    rows
}

fn named(run: &RunConfig) -> String {
    run.data.attribute.name().replace('-', " ")
}

fn put(grid: &mut Grid, generator: &Generator, rows: &Rows, device: &Device) {
    let size = grid.size();
    let output = generator.forward(from_pixels(rows.input.clone(), size, device), Mode::Eval);
    let (residual, edited) = (to_pixels(output.residual), to_pixels(output.edited));
    let caption = match explained(&rows.input, &edited, &rows.truth, 3 * size * size) {
        Some(share) => format!("edited\nexplained\n{share:.2}"),
        None => "edited".to_owned(),
    };
    grid.images(&format!("{}:\ninput", rows.label), &rows.input);
    grid.residuals("residual x1\n(grey = 0)", &residual);
    grid.images(&caption, &edited);
}

/// Mean share of the true change that these edits explain, of the faces whose true edit is known.
fn explained(
    input: &[f32],
    edited: &[f32],
    truth: &[Option<Vec<f32>>],
    values: usize,
) -> Option<f64> {
    let images = input.chunks_exact(values).zip(edited.chunks_exact(values)).zip(truth);
    let shares = images.filter_map(|((input, edited), truth)| {
        let change =
            |of: &[f32]| of.iter().zip(input).map(|(a, b)| a.clamp(-1.0, 1.0) - b).collect();
        let (made, wanted): (Vec<f32>, Vec<f32>) = (change(edited), change(truth.as_ref()?));
        Some(metrics::explained::explained(&made, &wanted, None)?.explained)
    });
    let shares: Vec<f64> = shares.collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caption_is_the_mean_over_faces_with_a_truth() {
        let input = vec![0.0; 9];
        let truth = [Some(vec![1.0, 0.0, 0.0]), None, Some(vec![0.0, 2.0, 0.0])];
        // The first half done: 1 - 1/4; the third done and clamped to 1 as the truth is.
        let edited = [0.5, 0.0, 0.0, 9.0, 9.0, 9.0, 0.0, 1.5, 0.0];
        assert_eq!(explained(&input, &edited, &truth, 3), Some((0.75 + 1.0) / 2.0));
        assert_eq!(explained(&input, &edited, &[None, None, None], 3), None);
    }
}
