//! Figures, each as SVG and PNG from one description.

mod axes;
mod canvas;
mod ced;
mod clip;
mod ends;
mod heat;
mod losses;
mod scores;
mod strength;

use std::path::PathBuf;

use plotters::coord::Shift;
use plotters::prelude::{
    BitMapBackend, DrawingArea, DrawingBackend, IntoDrawingArea, SVGBackend, WHITE,
};

use crate::ReportError;
use crate::files;
use crate::load::Results;
use crate::mixture::mixture;

type DrawResult<B> =
    Result<(), plotters::prelude::DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;
type Area<B> = DrawingArea<B, Shift>;

/// A figure that draws itself on any backend.
trait Draw {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);
    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B>;
}

enum Chart {
    Losses(losses::Losses),
    Scores(scores::Scores),
    Strength(strength::Trade),
    Ced(ced::Ced),
    Heat(heat::Heat),
}

/// One figure with its file's name and what it shows.
pub(crate) struct Figure {
    pub(crate) name: String,
    /// What is drawn and how, for the text beside it.
    pub(crate) caption: String,
    /// Why the cells that it shows share no verdict, if they do not.
    note: Option<String>,
    chart: Chart,
}

/// Draws, each as SVG and PNG and where a cell has what they show: `figures/losses` (training
/// curves per arm with the spread over seeds), `metrics` (a dot per seed, mean and standard
/// deviation per arm), `strength` (success and what it costs by edit strength), `attributes` (which
/// attributes the edits change) and `ced-<detector>-<training>` (error distributions of landmark
/// detectors, per arm); where there are several of a kind, levels follow the name. A sweep of more than
/// eight arms gets one `losses-*` and `strength-*` figure per combination of the other factors.
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
    let figure =
        |name: String, caption: String, chart| Figure { name, caption, note: note.clone(), chart };
    let mut figures = Vec::new();
    for (name, chart) in losses::of(results) {
        figures.push(figure(name, chart.caption(), Chart::Losses(chart)));
    }
    if let Some(chart) = scores::of(results) {
        figures.push(figure("metrics".to_owned(), chart.caption(), Chart::Scores(chart)));
    }
    for (name, chart) in strength::of(results) {
        figures.push(figure(name, chart.caption(), Chart::Strength(chart)));
    }
    if let Some(chart) = heat::of(results) {
        figures.push(figure("attributes".to_owned(), chart.caption(), Chart::Heat(chart)));
    }
    for (name, chart) in ced::of(results) {
        figures.push(figure(name, chart.caption(), Chart::Ced(chart)));
    }
    figures
}

impl Figure {
    /// The figure as an SVG document.
    pub(crate) fn svg(&self) -> Result<String, String> {
        let note = self.note.as_deref();
        match &self.chart {
            Chart::Losses(chart) => svg(chart, note),
            Chart::Scores(chart) => svg(chart, note),
            Chart::Strength(chart) => svg(chart, note),
            Chart::Ced(chart) => svg(chart, note),
            Chart::Heat(chart) => svg(chart, note),
        }
    }

    fn png(&self) -> Result<Vec<u8>, String> {
        let note = self.note.as_deref();
        match &self.chart {
            Chart::Losses(chart) => png(chart, note),
            Chart::Scores(chart) => png(chart, note),
            Chart::Strength(chart) => png(chart, note),
            Chart::Ced(chart) => png(chart, note),
            Chart::Heat(chart) => png(chart, note),
        }
    }
}

/// The size of a chart with the note below it.
fn size(chart: &impl Draw, note: Option<&str>) -> (u32, u32) {
    let (width, height) = chart.size();
    (width, height + note.map_or(0, |note| canvas::note_height(note, width)))
}

fn paint<B: DrawingBackend>(
    chart: &impl Draw,
    note: Option<&str>,
    backend: B,
) -> Result<(), String> {
    canvas::register_fonts()?;
    let area = backend.into_drawing_area();
    let drawn = area.fill(&WHITE).and_then(|()| {
        let (above, below) = area.split_vertically(chart.size().1);
        chart.draw(&above)?;
        note.map_or(Ok(()), |note| canvas::write_note(&below, note))?;
        area.present()
    });
    drawn.map_err(|error| error.to_string())
}

fn svg(chart: &impl Draw, note: Option<&str>) -> Result<String, String> {
    canvas::register_fonts()?;
    let mut text = String::new();
    paint(chart, note, SVGBackend::with_string(&mut text, size(chart, note)))?;
    Ok(text)
}

fn png(chart: &impl Draw, note: Option<&str>) -> Result<Vec<u8>, String> {
    canvas::register_fonts()?;
    let (width, height) = size(chart, note);
    let mut pixels = vec![0; 3 * width as usize * height as usize];
    paint(chart, note, BitMapBackend::with_buffer(&mut pixels, (width, height)))?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_raw(width, height, pixels).ok_or("a wrong buffer")?;
    image.write_to(&mut bytes, image::ImageFormat::Png).map_err(|error| error.to_string())?;
    Ok(bytes.into_inner())
}
