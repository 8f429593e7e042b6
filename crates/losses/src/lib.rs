//! The objective of the paper, `L_G = L_GAN + L_dual + alpha L_pix + beta L_per` for the generators and
//! `L_D` for the discriminator: [`objective`] lists the terms, each a file of its own.
//!
//! Classes of D: 0 real without the attribute, 1 real with it, 2 generated. All terms are means over
//! the batch; sums over pixels or features where the paper writes an L1 norm.

mod class;
mod l1;
mod log_probability;
pub mod objective;
mod pass;
mod term;
#[cfg(test)]
mod testing;
mod view;

pub use class::{Class, Direction};
pub use objective::accuracy;
pub use pass::{DiscriminatorPass, DrawnPairs, GeneratorPass, Group};
pub use term::{About, DiscriminatorTerm, GeneratorTerm, Need, Term};
pub use view::View;
