//! How far a command over many images is.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Progress as one line per tenth on standard error.
pub(crate) fn by_tenths(what: &str) -> impl Fn(usize, usize) {
    let last = AtomicUsize::new(0);
    move |done, total| {
        let tenth = 10 * done / total.max(1);
        if last.swap(tenth, Ordering::Relaxed) != tenth {
            eprintln!("{what}: {done}/{total}");
        }
    }
}
