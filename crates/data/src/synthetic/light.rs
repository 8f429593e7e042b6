//! How much light a surface sends to the camera, by its normal.

use super::colour::{Rgb, luminance, mix, scale};
use super::params::Light;

/// A unit normal or direction: x right, y down, z to the viewer.
pub(super) type Normal = [f32; 3];

/// The normal of a surface with the slope (dz/dx, dz/dy).
pub(super) fn normal(dx: f32, dy: f32) -> Normal {
    let k = 1.0 / (dx * dx + dy * dy + 1.0).sqrt();
    [-dx * k, -dy * k, k]
}

/// The normal of an upright dome at (x, y), measured in its radii from its middle.
pub(super) fn dome(x: f32, y: f32) -> Normal {
    let r2 = x * x + y * y;
    let shrink = if r2 > 0.94 { (0.94 / r2).sqrt() } else { 1.0 };
    let (x, y) = (x * shrink, y * shrink);
    [x, y, (1.0 - x * x - y * y).sqrt()]
}

/// Light on a matte surface: key with a soft edge, a weak fill from the other side, and a sky that is
/// brighter above. `open` in [0, 1] is the share of the sky that the surface sees.
pub(super) fn matte(light: &Light, n: Normal, open: f32) -> Rgb {
    let d = light.direction;
    let facing = n[0] * d[0] + n[1] * d[1] + n[2] * d[2];
    let key = ((facing + light.wrap) / (1.0 + light.wrap)).max(0.0) * (0.45 + 0.55 * open);
    let fill = (n[2] * 0.8 - n[0] * d[0].signum() * 0.6).max(0.0) * light.fill;
    let sky = (1.0 - 0.4 * n[1]) * open;
    [0, 1, 2].map(|c| light.key[c] * key + light.ambient[c] * (sky + fill * 2.0))
}

/// The mirror-like part: how much of the key light a glossy surface shows, as sharp as `power`
/// doublings.
pub(super) fn gloss(light: &Light, n: Normal, power: u32) -> f32 {
    let d = light.direction;
    let h = [d[0], d[1], d[2] + 1.0];
    let k = 1.0 / (h[0] * h[0] + h[1] * h[1] + h[2] * h[2]).sqrt();
    let mut s = ((n[0] * h[0] + n[1] * h[1] + n[2] * h[2]) * k).max(0.0);
    for _ in 0..power {
        s *= s;
    }
    s
}

/// Skin in light: blood makes the shadows warmer than the albedo alone would.
pub(super) fn skin(albedo: Rgb, light: Rgb) -> Rgb {
    let lit = luminance(light).min(1.0);
    let warm = [1.0 + 0.10 * (1.0 - lit), 0.93 + 0.07 * lit, 0.86 + 0.14 * lit];
    [albedo[0] * light[0] * warm[0], albedo[1] * light[1] * warm[1], albedo[2] * light[2] * warm[2]]
}

/// A faint edge of light from behind, by how far the normal turns from the viewer.
pub(super) fn rim(light: &Light, n: Normal) -> Rgb {
    let edge = (1.0 - n[2]).powi(3) * (n[0] * -light.direction[0].signum()).max(0.0);
    scale(mix(light.key, [1.0; 3], 0.5), light.rim * edge)
}
