//! Commands that read results: `compare`, `landmarks`, `plot`, `report`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use record::PlanFile;
use report::{CompareOptions, Comparison, Outputs, Renewal, ReportError, Results};

use crate::failure::Failure;
use crate::pipe::{print, say, tell};
use crate::which::Which;

#[derive(Args)]
pub(crate) struct CompareArguments {
    #[command(flatten)]
    which: Which,
    /// Factor to compare along instead of the experiment's
    #[arg(long)]
    factor: Option<String>,
    /// Level to compare with instead of the experiment's
    #[arg(long)]
    baseline: Option<String>,
    /// Only this direction: add, remove, or remove-drawn of what was drawn on photographs
    #[arg(long, value_parser = ["add", "remove", "remove-drawn"])]
    direction: Option<String>,
    /// Show an unfinished sweep too: means and differences, without p, interval or verdict
    #[arg(long)]
    partial: bool,
    /// Show cells made by different code or judged by different judges too: means and differences,
    /// without p, interval or verdict
    #[arg(long)]
    mixed: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Args)]
pub(crate) struct LandmarkArguments {
    #[command(flatten)]
    which: Which,
    /// Only arms whose name contains this text
    #[arg(long, value_name = "TEXT")]
    arm: Option<String>,
    /// Show cells made by different code or judged by different judges too, without intervals
    #[arg(long)]
    mixed: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// Comma-separated, with a header
    Csv,
    /// One JSON document on standard output
    Json,
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Table => report::Format::Table,
            Format::Csv => report::Format::Csv,
            Format::Json => report::Format::Json,
        }
    }
}

pub(crate) fn compare(arguments: &CompareArguments, results: &Path) -> Result<(), Failure> {
    let results = load(&arguments.which.dir(results)?)?;
    let options = CompareOptions {
        factor: arguments.factor.clone(),
        baseline: arguments.baseline.clone(),
        direction: arguments.direction.clone(),
        partial: arguments.partial,
        mixed: arguments.mixed,
    };
    let comparison = report::compare(&results, &options).map_err(wrong)?;
    say!("{}", report::render(&comparison, arguments.format.into()).trim_end());
    Ok(())
}

pub(crate) fn landmarks(arguments: &LandmarkArguments, results: &Path) -> Result<(), Failure> {
    let results = load(&arguments.which.dir(results)?)?;
    if let Some(line) = report::mixture(&results, None).filter(|_| !arguments.mixed) {
        return Err(wrong(ReportError::mixed(&results, &line)));
    }
    let table = report::landmarks(&results, arguments.arm.as_deref()).map_err(wrong)?;
    say!("{}", report::render_landmarks(&table, arguments.format.into()).trim_end());
    Ok(())
}

/// What there is to compare, of an unfinished or mixed sweep without claims.
fn any_comparison(results: &Results) -> Result<Comparison, ReportError> {
    report::compare(
        results,
        &CompareOptions { partial: true, mixed: true, ..CompareOptions::default() },
    )
}

pub(crate) fn plot(which: &Which, results: &Path) -> Result<(), Failure> {
    let results = load(&which.dir(results)?)?;
    let outputs = renew(&results, Renewal::Figures)?;
    let figures = report::plot(&results).map_err(wrong)?;
    outputs.seal(&figures).map_err(wrong)?;
    figures.iter().for_each(|path| say!("{}", path.display()));
    Ok(())
}

pub(crate) fn report(which: &Which, results: &Path) -> Result<(), Failure> {
    let results = load(&which.dir(results)?)?;
    let comparison = any_comparison(&results).map_err(wrong)?;
    write_all(&results, &comparison)
}

/// The end of a complete sweep: table on the screen, everything else as files.
pub(crate) fn report_all(dir: &Path) -> Result<(), Failure> {
    let results = load(dir)?;
    say!("");
    let landmarks = report::landmarks(&results, None).ok();
    let landmarks = landmarks.map(|table| report::render_landmarks(&table, report::Format::Table));
    let landmarks = landmarks.map_or_else(String::new, |text| format!("{}\n\n", text.trim_end()));
    match any_comparison(&results) {
        Ok(comparison) => {
            say!("{}\n", report::render(&comparison, report::Format::Table).trim_end());
            print(format_args!("{landmarks}"));
            write_all(&results, &comparison)?;
        }
        // A sweep whose factor was fixed with --set is complete all the same.
        Err(error @ ReportError::NoFactor { .. }) => {
            say!("nothing to compare: {error}");
            print(format_args!("{landmarks}"));
            let outputs = renew(&results, Renewal::Everything)?;
            let figures = report::plot(&results).map_err(wrong)?;
            outputs.seal(&figures).map_err(wrong)?;
            print_paths("figure", &figures);
        }
        Err(error) => return Err(wrong(error)),
    }
    print_paths("samples", &last_grids(dir)?);
    Ok(())
}

/// Begins to write derived files anew; says where those are that somebody has changed.
fn renew(results: &Results, what: Renewal) -> Result<Outputs, Failure> {
    let outputs = Outputs::renew(results, what).map_err(wrong)?;
    let moved = outputs.edited().iter();
    moved.for_each(|path| tell(format!("kept what was changed by hand: {}", path.display())));
    Ok(outputs)
}

/// Writes tables, figures and the page, and says where they are.
fn write_all(results: &Results, comparison: &Comparison) -> Result<(), Failure> {
    let outputs = renew(results, Renewal::Everything)?;
    let tables = report::write_tables(results, comparison).map_err(wrong)?;
    let figures = report::plot(results).map_err(wrong)?;
    let page = [report::html(results, comparison).map_err(wrong)?];
    outputs.seal(&[&tables[..], &figures, &page].concat()).map_err(wrong)?;
    print_paths("table", &tables);
    print_paths("figure", &figures);
    print_paths("report", &page);
    Ok(())
}

fn print_paths(what: &str, paths: &[PathBuf]) {
    paths.iter().for_each(|path| say!("{what:<8} {}", path.display()));
}

/// The last sample grid of each cell of the plan.
fn last_grids(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let plan = PlanFile::read(dir)?;
    let last = |cell: &record::Cell| {
        let samples = dir.join("cells").join(&cell.id).join("samples");
        report::last_sample(&samples)
    };
    Ok(plan.cells.iter().filter_map(last).collect())
}

fn load(dir: &Path) -> Result<Results, Failure> {
    // Asked first: its error says that the experiment has not run yet.
    PlanFile::read(dir)?;
    report::load(dir).map_err(wrong)
}

fn wrong(error: ReportError) -> Failure {
    let asked = matches!(
        error,
        ReportError::NothingComplete { .. }
            | ReportError::Incomplete { .. }
            | ReportError::Mixed { .. }
            | ReportError::NoLandmarks { .. }
            | ReportError::Unknown { .. }
            | ReportError::NoFactor { .. }
    );
    Failure::new(asked, error)
}
