//! What is held in memory, counted: whatever a file says, reading it takes a bounded amount. SQLite's
//! own memory is not counted here; the fuzzer's limit on the whole process bounds it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

/// `ONEBOX_FUZZ_TELL`: what one input does is told.
pub static TELL: LazyLock<bool> = LazyLock::new(|| std::env::var_os("ONEBOX_FUZZ_TELL").is_some());

struct Counted;

static HELD: AtomicIsize = AtomicIsize::new(0);
static MOST: AtomicIsize = AtomicIsize::new(0);

#[global_allocator]
static COUNTED: Counted = Counted;

fn add(bytes: usize) {
    let bytes = isize::try_from(bytes).unwrap_or(isize::MAX);
    let held = HELD.fetch_add(bytes, Relaxed).saturating_add(bytes);
    if held > MOST.load(Relaxed) {
        MOST.store(held, Relaxed);
    }
}

fn sub(bytes: usize) {
    HELD.fetch_sub(isize::try_from(bytes).unwrap_or(isize::MAX), Relaxed);
}

// SAFETY: the system's allocator does the work; beside it only numbers are counted.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        sub(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size);
        sub(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Does something, and panics if more than so many bytes were needed for it at any time.
pub fn within<T>(most: usize, what: &str, work: impl FnOnce() -> T) -> T {
    let before = HELD.load(Relaxed);
    MOST.store(before, Relaxed);
    let done = work();
    let needed = MOST.load(Relaxed).saturating_sub(before);
    if *TELL {
        eprintln!("{what}: {needed} bytes of memory, of at most {most}");
    }
    let most = isize::try_from(most).unwrap_or(isize::MAX);
    assert!(needed <= most, "{what}: {needed} bytes of memory, of at most {most}");
    done
}
