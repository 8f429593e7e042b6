//! One tree, breadth first, on all rows at once.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::candidates;
use super::pool::Columns;
use super::search::{CHUNK, Partial, Test, Workspace};
use super::setup::stride;
use crate::Options;
use crate::model::{Sizes, Split};

/// Grows trees one after another; keeps the buffers between them.
pub(super) struct Grower<'a> {
    sizes: Sizes,
    options: &'a Options,
    stride: usize,
    /// Rows, grouped by node; within a node in ascending order.
    order: Vec<u32>,
    /// The next level's order.
    next: Vec<u32>,
    /// Leaf of each row.
    leaf_of: Vec<u16>,
}

/// A tree in the layout of the model.
pub(super) struct Grown {
    pub(super) splits: Vec<Split>,
    pub(super) leaves: Vec<f32>,
}

/// Rows `range` of the order and the sum of their residuals.
#[derive(Clone)]
struct Node {
    range: Range<usize>,
    sum: Vec<f64>,
}

/// A piece of a node.
struct Task {
    node: usize,
    range: Range<usize>,
}

/// The split that a node takes.
struct Choice {
    candidate: usize,
    left: usize,
    sum: Vec<f64>,
}

impl<'a> Grower<'a> {
    pub(super) fn new(sizes: Sizes, options: &'a Options, rows: usize) -> Self {
        let stride = stride(sizes.dims());
        let (order, leaf_of) = (vec![0; rows], vec![0; rows]);
        Self { sizes, options, stride, next: order.clone(), order, leaf_of }
    }

    /// Fits a tree to `residuals` and takes its leaves' values off them.
    pub(super) fn grow(
        &mut self,
        columns: &Columns,
        residuals: &mut [f32],
        pixels: &[[f32; 2]],
        random: &mut ChaCha8Rng,
    ) -> Grown {
        self.order.iter_mut().zip(0..).for_each(|(slot, row)| *slot = row);
        let mut nodes = vec![Node { range: 0..self.order.len(), sum: self.total(residuals) }];
        let mut splits = Vec::with_capacity(self.sizes.splits());
        for _ in 0..self.sizes.depth {
            let tests = self.options.test_splits;
            let drawn: Vec<Vec<Split>> = nodes
                .iter()
                .map(|_| candidates::draw(tests, pixels, self.options.lambda, random))
                .collect();
            let tasks = tasks(&nodes);
            let partials = self.search(columns, residuals, &tasks, &drawn);
            let choices = self.choose(&nodes, &tasks, &partials);
            let chosen: Vec<Split> =
                drawn.iter().zip(&choices).map(|(drawn, c)| drawn[c.candidate]).collect();
            self.partition(columns, &nodes, &tasks, &partials, &choices, &chosen);
            nodes = nodes.into_iter().zip(choices).flat_map(children).collect();
            splits.extend(chosen);
        }
        let leaves = self.leaves(&nodes);
        self.take_off(residuals, &leaves);
        Grown { splits, leaves }
    }

    /// Sum of all residuals, by chunks in a fixed order.
    fn total(&self, residuals: &[f32]) -> Vec<f64> {
        let chunk_sum = |rows: &[f32]| {
            let mut sum = vec![0.0f32; self.stride];
            for row in rows.chunks_exact(self.stride) {
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            sum
        };
        let sums: Vec<_> = residuals.par_chunks(CHUNK * self.stride).map(chunk_sum).collect();
        let mut total = vec![0.0; self.stride];
        sums.iter().for_each(|sum| add(&mut total, sum));
        total
    }

    fn search(
        &self,
        columns: &Columns,
        residuals: &[f32],
        tasks: &[Task],
        drawn: &[Vec<Split>],
    ) -> Vec<Partial> {
        let workspace = || Workspace::new(self.sizes.dims());
        let one = |workspace: &mut Workspace, task: &Task| {
            let rows = &self.order[task.range.clone()];
            workspace.search(columns, residuals, self.stride, rows, &drawn[task.node])
        };
        tasks.par_iter().map_init(workspace, one).collect()
    }

    /// Per node the candidate that leaves the least squared error (section 2.3.2 of the paper):
    /// the one with the largest `|sum left|^2 / n left + |sum right|^2 / n right`.
    fn choose(&self, nodes: &[Node], tasks: &[Task], partials: &[Partial]) -> Vec<Choice> {
        let tests = self.options.test_splits;
        let mut counts = vec![0usize; nodes.len() * tests];
        let mut sums = vec![0.0; nodes.len() * tests * self.stride];
        for (task, partial) in tasks.iter().zip(partials) {
            let counts = &mut counts[task.node * tests..][..tests];
            counts.iter_mut().zip(&partial.counts).for_each(|(sum, n)| *sum += *n as usize);
            let length = tests * self.stride;
            add(&mut sums[task.node * length..][..length], &partial.sums);
        }
        let lefts = counts.chunks_exact(tests).zip(sums.chunks_exact(tests * self.stride));
        nodes
            .iter()
            .zip(lefts)
            .map(|(node, (counts, sums))| self.best(node, counts, sums))
            .collect()
    }

    fn best(&self, node: &Node, counts: &[usize], sums: &[f64]) -> Choice {
        // Where nothing separates the rows any candidate will do: all rows go the same way.
        let (mut candidate, mut best) = (0, -1.0);
        for (index, (&left, sum)) in counts.iter().zip(sums.chunks_exact(self.stride)).enumerate() {
            let right = node.range.len() - left;
            if left == 0 || right == 0 {
                continue;
            }
            let (mut of_left, mut of_right) = (0.0, 0.0);
            for (left, total) in sum.iter().zip(&node.sum) {
                of_left += left * left;
                of_right += (total - left) * (total - left);
            }
            let score = of_left / left as f64 + of_right / right as f64;
            if score > best {
                (candidate, best) = (index, score);
            }
        }
        let sum = sums[candidate * self.stride..][..self.stride].to_vec();
        Choice { candidate, left: counts[candidate], sum }
    }

    /// Rows that go left to the front of their node, keeping their order. Each piece knows from
    /// the search how many of its rows go left, hence where they belong.
    fn partition(
        &mut self,
        columns: &Columns,
        nodes: &[Node],
        tasks: &[Task],
        partials: &[Partial],
        choices: &[Choice],
        chosen: &[Split],
    ) {
        let mut pieces = Vec::with_capacity(tasks.len());
        let mut rest = self.next.as_mut_slice();
        let mut work = tasks.iter().zip(partials).peekable();
        for (index, (node, choice)) in nodes.iter().zip(choices).enumerate() {
            let (mut lefts, after) = rest.split_at_mut(choice.left);
            let (mut rights, after) = after.split_at_mut(node.range.len() - choice.left);
            rest = after;
            while let Some((task, partial)) = work.next_if(|(task, _)| task.node == index) {
                let left = partial.counts[choice.candidate] as usize;
                let (piece_left, more) = lefts.split_at_mut(left);
                lefts = more;
                let (piece_right, more) = rights.split_at_mut(task.range.len() - left);
                rights = more;
                pieces.push((task, piece_left, piece_right));
            }
        }
        let order = &self.order;
        pieces.into_par_iter().for_each(|(task, left, right)| {
            let test = Test::new(columns, &chosen[task.node]);
            let (mut left, mut right) = (left.iter_mut(), right.iter_mut());
            for &row in &order[task.range.clone()] {
                let side = if test.goes_left(row) { &mut left } else { &mut right };
                if let Some(slot) = side.next() {
                    *slot = row;
                }
            }
        });
        std::mem::swap(&mut self.order, &mut self.next);
    }

    /// Values of the leaves, `[leaves, 2K]`: `nu` times the mean residual, 0 where no row is.
    fn leaves(&mut self, nodes: &[Node]) -> Vec<f32> {
        let dims = self.sizes.dims();
        let mut leaves = Vec::with_capacity(nodes.len() * dims);
        for (index, node) in nodes.iter().enumerate() {
            let share = self.options.nu / node.range.len().max(1) as f64;
            let empty = node.range.is_empty();
            leaves.extend(
                node.sum[..dims].iter().map(|sum| if empty { 0.0 } else { (share * sum) as f32 }),
            );
            for &row in &self.order[node.range.clone()] {
                self.leaf_of[row as usize] = index as u16;
            }
        }
        leaves
    }

    fn take_off(&self, residuals: &mut [f32], leaves: &[f32]) {
        let dims = self.sizes.dims();
        let chunks = residuals.par_chunks_mut(CHUNK * self.stride);
        chunks.zip(self.leaf_of.par_chunks(CHUNK)).for_each(|(residuals, leaf_of)| {
            for (row, &leaf) in residuals.chunks_exact_mut(self.stride).zip(leaf_of) {
                let step = &leaves[leaf as usize * dims..][..dims];
                row.iter_mut().zip(step).for_each(|(value, step)| *value -= step);
            }
        });
    }
}

fn add(total: &mut [f64], values: &[f32]) {
    total.iter_mut().zip(values).for_each(|(total, value)| *total += f64::from(*value));
}

/// The nodes in pieces of at most [`CHUNK`] rows.
fn tasks(nodes: &[Node]) -> Vec<Task> {
    let pieces = |(node, n): (usize, &Node)| {
        let end = n.range.end;
        let starts = n.range.clone().step_by(CHUNK);
        starts.map(move |start| Task { node, range: start..end.min(start + CHUNK) })
    };
    nodes.iter().enumerate().flat_map(pieces).collect()
}

fn children((node, choice): (Node, Choice)) -> [Node; 2] {
    let middle = node.range.start + choice.left;
    let right = node.sum.iter().zip(&choice.sum).map(|(sum, left)| sum - left).collect();
    [
        Node { range: node.range.start..middle, sum: choice.sum },
        Node { range: middle..node.range.end, sum: right },
    ]
}
