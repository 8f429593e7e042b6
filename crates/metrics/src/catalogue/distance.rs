//! How far images are from each other: edited to input, and both to the true edit.

use crate::edit::Picture::{Edited, Input, Truth};
use crate::fidelity::{PSNR_CAP, ms_ssim, psnr, ssim};
use crate::metric::{Measure, Metric, gain};

fn capped(a: &[u8], b: &[u8], _: usize) -> f64 {
    psnr(a, b).min(PSNR_CAP)
}

pub(super) const PSNR_GAIN: Metric = Metric::new(
    "psnr_gain",
    "PSNR gained over no edit",
    "dB",
    2,
    Measure::Image(|edit| gain(edit, &PSNR, &PSNR_IDENTITY)),
    "`psnr - psnr_identity`: how much nearer the true edit than leaving the image alone.",
)
.up()
.short()
.drawn();

pub(super) const PSNR: Metric = Metric::new(
    "psnr",
    "PSNR to the true edit",
    "dB",
    2,
    Measure::Image(|edit| edit.between(Edited, Truth, capped)),
    "PSNR of the edited image against the true edit, 60 at most.",
)
.up()
.same_as("psnr_gain");

pub(super) const PSNR_IDENTITY: Metric = Metric::new(
    "psnr_identity",
    "PSNR of no edit",
    "dB",
    2,
    Measure::Image(|edit| edit.between(Input, Truth, capped)),
    "PSNR of the input against the true edit: what leaving the image alone scores.",
)
.input();

pub(super) const PSNR_INPUT: Metric = Metric::new(
    "psnr_input",
    "PSNR to the input",
    "dB",
    2,
    Measure::Image(|edit| edit.between(Edited, Input, capped)),
    "PSNR of the edited image against the input: how much was changed.",
);

pub(super) const SSIM_GAIN: Metric = Metric::new(
    "ssim_gain",
    "SSIM gained over no edit",
    "",
    4,
    Measure::Image(|edit| gain(edit, &SSIM, &SSIM_IDENTITY)),
    "`ssim - ssim_identity`.",
)
.up()
.short()
.drawn();

pub(super) const SSIM: Metric = Metric::new(
    "ssim",
    "SSIM to the true edit",
    "",
    4,
    Measure::Image(|edit| edit.between(Edited, Truth, ssim)),
    "SSIM of the edited image against the true edit.",
)
.up()
.same_as("ssim_gain");

pub(super) const SSIM_IDENTITY: Metric = Metric::new(
    "ssim_identity",
    "SSIM of no edit",
    "",
    4,
    Measure::Image(|edit| edit.between(Input, Truth, ssim)),
    "SSIM of the input against the true edit.",
)
.input();

pub(super) const SSIM_INPUT: Metric = Metric::new(
    "ssim_input",
    "SSIM to the input",
    "",
    4,
    Measure::Image(|edit| edit.between(Edited, Input, ssim)),
    "SSIM of the edited image against the input.",
);

pub(super) const MS_SSIM_GAIN: Metric = Metric::new(
    "ms_ssim_gain",
    "MS-SSIM gained over no edit",
    "",
    4,
    Measure::Image(|edit| gain(edit, &MS_SSIM, &MS_SSIM_IDENTITY)),
    "`ms_ssim - ms_ssim_identity`.",
)
.up();

pub(super) const MS_SSIM: Metric = Metric::new(
    "ms_ssim",
    "MS-SSIM to the true edit",
    "",
    4,
    Measure::Image(|edit| edit.between(Edited, Truth, ms_ssim)),
    "MS-SSIM of the edited image against the true edit, over as many of its five scales as an 11-pixel \
     window fits (three at 64 pixels), weights rescaled.",
)
.up()
.same_as("ms_ssim_gain");

pub(super) const MS_SSIM_IDENTITY: Metric = Metric::new(
    "ms_ssim_identity",
    "MS-SSIM of no edit",
    "",
    4,
    Measure::Image(|edit| edit.between(Input, Truth, ms_ssim)),
    "MS-SSIM of the input against the true edit.",
)
.input();

pub(super) const MS_SSIM_INPUT: Metric = Metric::new(
    "ms_ssim_input",
    "MS-SSIM to the input",
    "",
    4,
    Measure::Image(|edit| edit.between(Edited, Input, ms_ssim)),
    "MS-SSIM of the edited image against the input.",
);

pub(super) const LPIPS_GAIN: Metric = Metric::new(
    "lpips_gain",
    "LPIPS gained over no edit",
    "",
    4,
    Measure::Image(|edit| gain(edit, &LPIPS_IDENTITY, &LPIPS)),
    "`lpips_identity - lpips`: above 0 the edit came nearer.",
)
.up();

pub(super) const LPIPS: Metric = Metric::new(
    "lpips",
    "LPIPS to the true edit",
    "",
    4,
    Measure::Image(|edit| edit.opinions.lpips),
    "LPIPS distance of the edited image to the true edit; only with `eval.lpips_weights`.",
)
.down()
.same_as("lpips_gain");

pub(super) const LPIPS_IDENTITY: Metric = Metric::new(
    "lpips_identity",
    "LPIPS of no edit",
    "",
    4,
    Measure::Image(|edit| edit.opinions.lpips_identity),
    "LPIPS distance of the input to the true edit.",
)
.input();

pub(super) const LPIPS_INPUT: Metric = Metric::new(
    "lpips_input",
    "LPIPS to the input",
    "",
    4,
    Measure::Image(|edit| edit.opinions.lpips_input),
    "LPIPS distance of the edited image to the input.",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{edit, image};

    #[test]
    fn gains_are_measured_against_leaving_the_image_alone() {
        let (input, edited, truth) = (image(0.0), image(0.5), image(0.75));
        let edit = edit(&input, &edited, Some(&truth));
        let gain = PSNR.value(&edit).unwrap() - PSNR_IDENTITY.value(&edit).unwrap();
        assert!(gain > 5.0 && PSNR_GAIN.value(&edit) == Some(gain), "{gain}");
        assert!(SSIM_GAIN.value(&edit).unwrap() > 0.0);
        assert_eq!(LPIPS_GAIN.value(&edit), None);
    }

    #[test]
    fn without_a_true_edit_only_the_distance_to_the_input_is_known() {
        let (input, edited) = (image(0.0), image(0.0));
        let edit = edit(&input, &edited, None);
        assert_eq!(PSNR_INPUT.value(&edit), Some(60.0), "the cap");
        assert_eq!((PSNR.value(&edit), SSIM_GAIN.value(&edit)), (None, None));
    }
}
