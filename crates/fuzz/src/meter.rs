//! How much memory a piece of work takes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

/// The system's allocator with a count of the bytes that are out, over all threads. A single request
/// for more than a gibibyte is refused, so that it shows at once and costs nothing.
pub struct Meter;

const MOST: usize = 1 << 30;

static NOW: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

fn add(bytes: usize) {
    let now = NOW.fetch_add(bytes as isize, Relaxed) + bytes as isize;
    PEAK.fetch_max(now, Relaxed);
}

fn take(bytes: usize) {
    NOW.fetch_sub(bytes as isize, Relaxed);
}

#[allow(unsafe_code, reason = "an allocator is unsafe to write")]
// SAFETY: every request goes to the system's allocator as it came, or is refused with null.
unsafe impl GlobalAlloc for Meter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > MOST {
            return std::ptr::null_mut();
        }
        add(layout.size());
        // SAFETY: the caller's layout, as it came.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() > MOST {
            return std::ptr::null_mut();
        }
        add(layout.size());
        // SAFETY: the caller's layout, as it came.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        take(layout.size());
        // SAFETY: memory of the system's allocator, which every request came from.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size > MOST {
            return std::ptr::null_mut();
        }
        // Both lie there while one is copied to the other.
        add(size);
        // SAFETY: memory of the system's allocator, which every request came from.
        let moved = unsafe { System.realloc(pointer, layout, size) };
        take(if moved.is_null() { size } else { layout.size() });
        moved
    }
}

/// The most bytes that were out at a time during `work`, beyond those that were out before; 0 where
/// the program does not allocate by a [`Meter`]. One piece of work at a time.
pub(crate) fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = work();
    (result, usize::try_from(PEAK.load(Relaxed) - before).unwrap_or(0))
}
