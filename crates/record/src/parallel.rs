//! The same work on many items, on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Items that one thread takes at a time.
const CHUNK: usize = 8;

/// `work` on every item, in the order of the items.
pub fn parallel_map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(items.len().div_ceil(CHUNK));
    if threads <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let (next, work) = (&next, &work);
    let mut parts: Vec<(usize, Vec<R>)> = thread::scope(|scope| {
        let take = move || {
            let mut parts = Vec::new();
            loop {
                let from = next.fetch_add(CHUNK, Ordering::Relaxed);
                let Some(rest) = items.get(from..).filter(|rest| !rest.is_empty()) else {
                    return parts;
                };
                let part = &rest[..CHUNK.min(rest.len())];
                parts.push((from, part.iter().map(work).collect()));
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| match thread.join() {
            Ok(parts) => parts,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        threads.into_iter().flat_map(join).collect()
    });
    parts.sort_by_key(|(from, _)| *from);
    parts.into_iter().flat_map(|(_, part)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, 7, 8, 9, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let wanted: Vec<usize> = items.iter().map(|n| n * n).collect();
            assert_eq!(parallel_map(&items, |n| n * n), wanted);
        }
    }
}
