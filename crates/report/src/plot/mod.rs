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
    let mut figures = Vec::new();
    for (name, chart) in losses::of(results) {
        figures.push(Figure { name, caption: chart.caption(), chart: Chart::Losses(chart) });
    }
    if let Some(chart) = scores::of(results) {
        let name = "metrics".to_owned();
        figures.push(Figure { name, caption: chart.caption(), chart: Chart::Scores(chart) });
    }
    for (name, chart) in strength::of(results) {
        figures.push(Figure { name, caption: chart.caption(), chart: Chart::Strength(chart) });
    }
    if let Some(chart) = heat::of(results) {
        let name = "attributes".to_owned();
        figures.push(Figure { name, caption: chart.caption(), chart: Chart::Heat(chart) });
    }
    for (name, chart) in ced::of(results) {
        figures.push(Figure { name, caption: chart.caption(), chart: Chart::Ced(chart) });
    }
    figures
}

impl Figure {
    /// The figure as an SVG document.
    pub(crate) fn svg(&self) -> Result<String, String> {
        match &self.chart {
            Chart::Losses(chart) => svg(chart),
            Chart::Scores(chart) => svg(chart),
            Chart::Strength(chart) => svg(chart),
            Chart::Ced(chart) => svg(chart),
            Chart::Heat(chart) => svg(chart),
        }
    }

    fn png(&self) -> Result<Vec<u8>, String> {
        match &self.chart {
            Chart::Losses(chart) => png(chart),
            Chart::Scores(chart) => png(chart),
            Chart::Strength(chart) => png(chart),
            Chart::Ced(chart) => png(chart),
            Chart::Heat(chart) => png(chart),
        }
    }
}

fn paint<B: DrawingBackend>(chart: &impl Draw, backend: B) -> Result<(), String> {
    canvas::register_fonts()?;
    let area = backend.into_drawing_area();
    let drawn = area.fill(&WHITE).and_then(|()| chart.draw(&area)).and_then(|()| area.present());
    drawn.map_err(|error| error.to_string())
}

fn svg(chart: &impl Draw) -> Result<String, String> {
    let mut text = String::new();
    paint(chart, SVGBackend::with_string(&mut text, chart.size()))?;
    Ok(text)
}

fn png(chart: &impl Draw) -> Result<Vec<u8>, String> {
    let (width, height) = chart.size();
    let mut pixels = vec![0; 3 * width as usize * height as usize];
    paint(chart, BitMapBackend::with_buffer(&mut pixels, (width, height)))?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_raw(width, height, pixels).ok_or("a wrong buffer")?;
    image.write_to(&mut bytes, image::ImageFormat::Png).map_err(|error| error.to_string())?;
    Ok(bytes.into_inner())
}
