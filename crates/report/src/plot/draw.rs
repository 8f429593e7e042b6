//! What draws itself, on either of plotters' backends.

use plotters::coord::Shift;
use plotters::prelude::{
    BitMapBackend, DrawingArea, DrawingAreaErrorKind, DrawingBackend, SVGBackend,
};

pub(super) type DrawResult<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;
pub(super) type Area<B> = DrawingArea<B, Shift>;

/// A figure's content.
pub(super) trait Draw {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    /// What is drawn and how, for the text beside the figure.
    fn caption(&self) -> String;

    /// Draws on an area of that size, which is white.
    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B>;
}

/// [`Draw`] for a list of different figures.
pub(super) trait Chart {
    fn size(&self) -> (u32, u32);
    fn caption(&self) -> String;
    fn on_svg<'a>(&self, area: &Area<SVGBackend<'a>>) -> DrawResult<SVGBackend<'a>>;
    fn on_pixels<'a>(&self, area: &Area<BitMapBackend<'a>>) -> DrawResult<BitMapBackend<'a>>;
}

impl<D: Draw> Chart for D {
    fn size(&self) -> (u32, u32) {
        Draw::size(self)
    }

    fn caption(&self) -> String {
        Draw::caption(self)
    }

    fn on_svg<'a>(&self, area: &Area<SVGBackend<'a>>) -> DrawResult<SVGBackend<'a>> {
        self.draw(area)
    }

    fn on_pixels<'a>(&self, area: &Area<BitMapBackend<'a>>) -> DrawResult<BitMapBackend<'a>> {
        self.draw(area)
    }
}

/// Files' names, without ending, and what they show.
pub(super) type Charts = Vec<(String, Box<dyn Chart>)>;

/// A kind of figure. Files, report page and `docs/catalogues.md` know figures by this row alone.
#[derive(Clone, Copy)]
pub struct FigureKind {
    /// What its files' names begin with; unique.
    pub name: &'static str,
    /// What it shows, in a sentence or two.
    pub doc: &'static str,
    /// The figures of this kind that results can show; none where nothing was measured.
    pub(super) of: fn(&crate::load::Results) -> Charts,
}

/// Charts of one type as charts of any.
pub(super) fn boxed<D: Draw + 'static>(charts: impl IntoIterator<Item = (String, D)>) -> Charts {
    let boxed = |(name, chart)| (name, Box::new(chart) as Box<dyn Chart>);
    charts.into_iter().map(boxed).collect()
}
