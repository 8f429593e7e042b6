//! libFuzzer's program: the target is named by `FUZZ_TARGET`, the arguments are libFuzzer's.
#![no_main]
#![allow(clippy::print_stderr, reason = "a command-line program prints")]

use std::sync::OnceLock;

use fuzz::{Meter, Target, find};
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Meter = Meter;

static TARGET: OnceLock<&'static Target> = OnceLock::new();

/// The target that was asked for.
fn asked() -> &'static Target {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    find(&name).unwrap_or_else(|| {
        eprintln!("error: FUZZ_TARGET names no target: `{name}`");
        std::process::exit(2)
    })
}

fuzz_target!(init: TARGET.get_or_init(asked), |bytes: &[u8]| {
    TARGET.get_or_init(asked).check(bytes);
});
