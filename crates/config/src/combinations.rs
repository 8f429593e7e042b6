//! Combinations of values that cannot work, each refused at the key most likely to be changed.

use crate::attribute::{Attribute, JudgedAttributes};
use crate::choices::{Alignment, Crop, JudgedPart, Norm, SplitRule, Tap};
use crate::error::ConfigError;
use crate::layer::Entry;
use crate::run::RunConfig;
use crate::schema::nearest;
use crate::sources::Source;

/// Refuses a run whose keys contradict each other; `given` finds what was written for a key.
pub(crate) fn check<'a>(
    run: &RunConfig,
    given: &dyn Fn(&str) -> Option<&'a Entry>,
) -> Result<(), ConfigError> {
    let refuse = |key: &str, title: String, label: &str, help: &str| match given(key) {
        Some(entry) => Err(at(entry, title, label, help)),
        None => Err(ConfigError::bare(format!("{title} (`{key}` has its default)"), help)),
    };

    let (data, model, losses) = (&run.data, &run.model, &run.losses);
    let source = data.source.row();
    if source.reads_files && data.root.is_empty() {
        return refuse(
            "data.source",
            format!("source \"{}\" needs `data.root`", data.source),
            "this source reads files",
            "add --set data.root=DIRECTORY",
        );
    }
    check_attributes(run, data.source, &refuse)?;
    if data.split == SplitRule::Official && !source.partition {
        return refuse(
            "data.split",
            format!("source \"{}\" has no official partition", data.source),
            "not available for this source",
            "use split = \"paper\"",
        );
    }
    check_judged_source(run, &refuse)?;
    let validation = data.validation_per_class > 0 || source.has_validation(data.split);
    if run.eval.part == JudgedPart::Validation && !validation {
        let own = if source.validation { ", or use data.split = \"official\"" } else { "" };
        return refuse(
            "eval.part",
            format!(
                "split = \"{}\" of source \"{}\" has no validation images",
                data.split, data.source
            ),
            "asks for validation images",
            &format!("set data.validation_per_class above 0{own}"),
        );
    }
    if data.crop != Crop::Align && !source.crops {
        return refuse(
            "data.crop",
            format!("images of source \"{}\" are never cropped already", data.source),
            "for copies of CelebA and folders",
            "leave data.crop at \"align\", or use source \"celeba\" or \"folder\"",
        );
    }
    if data.alignment == Alignment::FivePoint && !source.five_points {
        return refuse(
            "data.alignment",
            format!("images of source \"{}\" are aligned already", data.source),
            "not for this source",
            "leave data.alignment at \"given\"",
        );
    }
    if data.alignment == Alignment::FivePoint && data.crop != Crop::Align {
        return refuse(
            "data.alignment",
            format!("data.crop = \"{}\" takes images whole, without aligning them", data.crop),
            "asks for faces to be aligned",
            "leave data.crop at \"align\", or data.alignment at \"given\"",
        );
    }
    if !data.table.is_empty() && !source.table {
        return refuse(
            "data.table",
            format!("source \"{}\" reads the lists of its data set", data.source),
            "for folders alone",
            "leave data.table empty, or use source \"folder\"",
        );
    }
    let layers = RunConfig::discriminator_layers(data.size);
    if losses.perceptual_layer > layers {
        let title = format!("at {0}x{0} pixels D has {layers} hidden layers", data.size);
        let help = format!("use a layer from 1 to {layers}, or larger images");
        if let (None, Some(size)) = (given("losses.perceptual_layer"), given("data.size")) {
            let layer = losses.perceptual_layer;
            let label = format!("too small for `losses.perceptual_layer`, {layer} by default");
            return Err(at(size, title, &label, &help));
        }
        return refuse("losses.perceptual_layer", title, "no such layer", &help);
    }
    let bare_first = losses.perceptual_layer == 1 && !model.discriminator_first_norm;
    if losses.perceptual_tap == Tap::Norm && (model.maps_of_d() == Norm::None || bare_first) {
        return refuse(
            "losses.perceptual_tap",
            "that layer of D has no normalisation to tap".to_owned(),
            "nothing here",
            "use tap \"conv\" or \"activation\", or give the layer a normalisation",
        );
    }
    let backend = run.backend.kind.row();
    if !backend.precisions.contains(&run.backend.precision) {
        let words = backend.precisions.iter().map(|p| p.name()).collect::<Vec<_>>().join(", ");
        return refuse(
            "backend.precision",
            format!("{} computes in {words} alone", run.backend.kind),
            &format!("not on {}", run.backend.kind),
            &format!("use {words}, or another backend.kind"),
        );
    }
    if losses.dual.reconstruction() && losses.lambda == 0.0 {
        return refuse(
            "losses.dual",
            "a reconstruction term with lambda = 0 trains nothing".to_owned(),
            "asks for reconstruction",
            "set losses.lambda above 0, or losses.dual = \"none\"",
        );
    }
    if losses.paired > 0.0 && !data.attribute.can_be_drawn() {
        return refuse(
            "losses.paired",
            format!("\"{}\" cannot be drawn on a face", data.attribute),
            "asks for drawn pairs",
            "pairs are of eyeglasses: leave losses.paired at 0",
        );
    }
    if losses.alpha_inside < 1.0 && run.catalogued_region().is_none() {
        return refuse(
            "losses.alpha_inside",
            format!("docs/catalogues.md has no region of \"{}\"", data.attribute),
            "asks for the attribute's region",
            "give the attribute a row in the catalogue, or leave losses.alpha_inside at 1",
        );
    }
    if !run.eval.lpips_weights.is_empty() && data.size < 32 {
        return refuse(
            "eval.lpips_weights",
            format!("LPIPS cannot see images of {0}x{0} pixels", data.size),
            "asks for LPIPS",
            "its AlexNet needs 31 pixels: set data.size to 32 or more",
        );
    }
    Ok(())
}

/// Refuses at a key, with title, label and help.
type Refuse<'a> = dyn Fn(&str, String, &str, &str) -> Result<(), ConfigError> + 'a;

/// Whether a source labels what is edited and what is judged by name, where that is known before
/// anything is read.
fn check_attributes(
    run: &RunConfig,
    source: Source,
    refuse: &Refuse<'_>,
) -> Result<(), ConfigError> {
    let Some(own) = source.attributes() else { return Ok(()) };
    let wanted = std::iter::once(("data.attribute", &run.data.attribute));
    let judged = match &run.eval.attributes {
        JudgedAttributes::Listed(names) => names.as_slice(),
        _ => &[],
    };
    let judged = judged.iter().map(|name| ("eval.attributes", name));
    match wanted.chain(judged).find(|(_, name)| !own.contains(name)) {
        None => Ok(()),
        Some((key, name)) => {
            let names: Vec<&str> = own.iter().map(Attribute::name).collect();
            let near = nearest(name.name(), names.iter().copied());
            let near = near.map_or(String::new(), |near| format!("did you mean \"{near}\"? "));
            let title = format!("source \"{source}\" does not label \"{name}\"");
            let help = format!("{near}{} labels {}", source.row().title, names.join(", "));
            refuse(key, title, "not labelled there", &help)
        }
    }
}

/// Whether the faces of another source can be shown to what `data.source` has trained.
fn check_judged_source(run: &RunConfig, refuse: &Refuse<'_>) -> Result<(), ConfigError> {
    let root = &run.eval.root;
    let Some(source) = run.eval.source.0 else {
        return match root.as_str() {
            "" => Ok(()),
            _ => refuse(
                "eval.root",
                "`eval.root` without `eval.source`".to_owned(),
                "of no source",
                "say which it is, eval.source = \"lfw\" for one, or leave it out",
            ),
        };
    };
    let row = source.row();
    if row.reads_files && root.is_empty() {
        let title = format!("eval.source \"{source}\" needs `eval.root`");
        let help = "add --set eval.root=DIRECTORY";
        return refuse("eval.source", title, "this source reads files", help);
    }
    if (run.data.source, source) == (Source::Lfw, Source::Mtfl) {
        let title = "MTFL's test images are of LFW, which trains".to_owned();
        return refuse(
            "eval.source",
            title,
            "the same photographs",
            "leave eval.source at \"own\"",
        );
    }
    if run.data.crop == Crop::Made {
        let title = "nobody knows which frame images of data.crop = \"made\" show".to_owned();
        let help = "use data.crop = \"align\" or \"made-centre\", or leave eval.source at \"own\"";
        return refuse("eval.source", title, "faces would be brought to CelebA's", help);
    }
    if run.eval.part == JudgedPart::Validation && !row.validation {
        let title = format!("source \"{source}\" has no validation images");
        let help = "use eval.part = \"test\", or leave eval.source at \"own\"";
        return refuse("eval.part", title, "asks for validation images", help);
    }
    if source.attributes().is_some_and(|own| !own.contains(&run.data.attribute)) {
        return check_attributes(run, source, refuse);
    }
    Ok(())
}

fn at(entry: &Entry, title: String, label: &str, help: &str) -> ConfigError {
    let (source, span) = (&entry.origin.source, entry.origin.value.clone());
    ConfigError::at(source, span, title, label, Some(help.to_owned()))
}
