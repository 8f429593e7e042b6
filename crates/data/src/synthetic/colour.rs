//! Linear-light colours: shapes are mixed and lit linearly, and only the camera goes to sRGB.

/// Linear red, green, blue; 1 is a white surface in full light.
pub(crate) type Rgb = [f32; 3];

/// The linear colour of an sRGB triple.
pub(crate) fn srgb(r: u8, g: u8, b: u8) -> Rgb {
    [r, g, b].map(|v| (f32::from(v) / 255.0).powf(2.2))
}

/// An sRGB triple from hue in degrees, saturation and value, made linear.
pub(crate) fn hsv(hue: f32, saturation: f32, value: f32) -> Rgb {
    let channel = |n: f32| {
        let k = (n + hue / 60.0).rem_euclid(6.0);
        let v = value * (1.0 - saturation * k.min(4.0 - k).clamp(0.0, 1.0));
        v.max(0.0).powf(2.2)
    };
    [channel(5.0), channel(3.0), channel(1.0)]
}

/// `a` at t = 0, `b` at t = 1.
pub(crate) fn mix(a: Rgb, b: Rgb, t: f32) -> Rgb {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}

/// Channel by channel product: a surface under a light.
pub(crate) fn times(a: Rgb, b: Rgb) -> Rgb {
    [a[0] * b[0], a[1] * b[1], a[2] * b[2]]
}

/// Brighter or darker.
pub(crate) fn scale(a: Rgb, k: f32) -> Rgb {
    [a[0] * k, a[1] * k, a[2] * k]
}

/// Sum of two lights.
pub(crate) fn plus(a: Rgb, b: Rgb) -> Rgb {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// Perceived brightness of a linear colour.
pub(crate) fn luminance(a: Rgb) -> f32 {
    0.2126 * a[0] + 0.7152 * a[1] + 0.0722 * a[2]
}

/// 0 below `low`, 1 above `high`, smooth between; also for `low > high`.
pub(crate) fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// `a` at t = 0, `b` at t = 1.
pub(crate) fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}
