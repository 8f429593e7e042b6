//! Figures, each as SVG and PNG from one description.

mod axes;
mod canvas;
mod ced;
mod clip;
mod draw;
mod ends;
mod heat;
mod losses;
mod poses;
mod scores;
mod strength;
#[cfg(test)]
mod template;

use std::path::PathBuf;

use plotters::prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea, SVGBackend, WHITE};

use crate::ReportError;
use crate::files;
use crate::load::Results;
use crate::mixture::mixture;
use draw::{Area, Chart, DrawResult};

pub use draw::FigureKind;

/// Every kind of figure, in the order of the report page.
///
/// This is the place to add one: a file with its row, and a line here. The files of `plot`, the report
/// page and `docs/catalogues.md` follow.
pub const FIGURES: &[FigureKind] = &[
    losses::LOSSES,
    scores::SCORES,
    strength::STRENGTH,
    heat::ATTRIBUTES,
    poses::POSES,
    // One figure per detector and training.
    ced::CED,
];

/// One figure with its file's name and what it shows.
pub(crate) struct Figure {
    pub(crate) name: String,
    /// What is drawn and how, for the text beside it.
    pub(crate) caption: String,
    /// Why the cells that it shows share no verdict, if they do not.
    note: Option<String>,
    chart: Box<dyn Chart>,
}

/// Draws [`FIGURES`], each as SVG and PNG and where a cell has what they show. Where there are several of
/// a kind, levels follow the name.
///
/// # Errors
/// The directory cannot be written, or two figures have one name.
pub fn plot(results: &Results) -> Result<Vec<PathBuf>, ReportError> {
    let figures = figures(results);
    let home = results.dir.join("figures");
    // Names have dots of their own: an ending is added, never replaced.
    let path = |figure: &Figure, ending: &str| home.join(format!("{}.{ending}", figure.name));
    let both = |figure: &Figure| [path(figure, "svg"), path(figure, "png")];
    let written: Vec<PathBuf> = figures.iter().flat_map(both).collect();
    files::distinct(&written)?;
    for figure in &figures {
        let [svg, png] = both(figure);
        let failed = |problem| ReportError::Drawing { path: svg.clone(), problem };
        files::write(&svg, figure.svg().map_err(failed)?.as_bytes())?;
        files::write(&png, &figure.png().map_err(failed)?)?;
    }
    Ok(written)
}

/// Everything that these results can show.
pub(crate) fn figures(results: &Results) -> Vec<Figure> {
    let note = mixture(results, None);
    let charts = FIGURES.iter().flat_map(|kind| (kind.of)(results));
    let figure = |(name, chart): (String, Box<dyn Chart>)| {
        let caption = chart.caption();
        Figure { name, caption, note: note.clone(), chart }
    };
    charts.map(figure).collect()
}

impl Figure {
    /// The figure as an SVG document.
    pub(crate) fn svg(&self) -> Result<String, String> {
        canvas::register_fonts()?;
        let mut text = String::new();
        let backend = SVGBackend::with_string(&mut text, self.size());
        self.paint(backend, |area| self.chart.on_svg(area))?;
        Ok(text)
    }

    fn png(&self) -> Result<Vec<u8>, String> {
        canvas::register_fonts()?;
        let (width, height) = self.size();
        let mut pixels = vec![0; 3 * width as usize * height as usize];
        let backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
        self.paint(backend, |area| self.chart.on_pixels(area))?;
        let mut bytes = std::io::Cursor::new(Vec::new());
        let image = image::RgbImage::from_raw(width, height, pixels).ok_or("a wrong buffer")?;
        image.write_to(&mut bytes, image::ImageFormat::Png).map_err(|error| error.to_string())?;
        Ok(bytes.into_inner())
    }

    /// The size of the chart with the note below it.
    fn size(&self) -> (u32, u32) {
        let (width, height) = self.chart.size();
        let note = self.note.as_deref().map_or(0, |note| canvas::note_height(note, width));
        (width, height + note)
    }

    fn paint<B: DrawingBackend>(
        &self,
        backend: B,
        chart: impl Fn(&Area<B>) -> DrawResult<B>,
    ) -> Result<(), String> {
        let area = backend.into_drawing_area();
        let drawn = area.fill(&WHITE).and_then(|()| {
            let (above, below) = area.split_vertically(self.chart.size().1);
            chart(&above)?;
            let note = self.note.as_deref();
            note.map_or(Ok(()), |note| canvas::write_note(&below, note))?;
            area.present()
        });
        drawn.map_err(|error| error.to_string())
    }
}
