//! Memory that a step gives back, the next step takes again: the system need not clear it in between.

/// Makes the C library keep freed memory. By default it returns large blocks to the system at once,
/// and a training step allocates and frees the same hundreds of megabytes each time: a tenth to a
/// quarter of the step went into page faults.
pub(crate) fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code, reason = "the C library's setting")]
    // SAFETY: called first in `main`, before any other thread is started.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        libc::mallopt(libc::M_TOP_PAD, 64 * 1024 * 1024);
    }
}
