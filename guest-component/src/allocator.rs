//! The allocator: the C library's, with lists of free blocks in front of it, and
//! the count of what is alive, which Monty's memory limit is measured by.
//!
//! Python allocates and frees small blocks all the time. One that is freed goes to
//! the list of its size and from there to the next of that size: both take a few
//! instructions, where the C library looks for neighbours to join a block with. The
//! lists hold [`MOST_FREE_BYTES`] each, so at most 4.5 MiB are kept from being joined;
//! the host's cap on linear memory leaves room for many times that.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::UnsafeCell,
    process, ptr,
    sync::atomic::Ordering,
};

use monty_types::{BASELINE_MEMORY, LIVE_MEMORY};

/// Small blocks are of 12, 28, 44 … bytes: the C library adds 4 bytes to each and
/// makes that a multiple of 16, so none of these waste more than they would there.
const CLASS_BYTES: usize = 16;

/// What the C library adds.
const HEADER_BYTES: usize = 4;

/// The sizes of small blocks, up to 508 bytes.
const SMALL_CLASSES: usize = 32;

/// Larger ones, of 572, 636 … bytes. Each piece of code takes a few and gives them back.
const LARGE_CLASS_BYTES: usize = 64;

/// The sizes of larger blocks, up to 2044 bytes.
const LARGE_CLASSES: usize = 24;

/// The classes of larger blocks begin with the size at which those of small ones end.
const LARGE_OFFSET: usize = SMALL_CLASSES - SMALL_CLASSES * CLASS_BYTES / LARGE_CLASS_BYTES;

/// All sizes that have a list.
const CLASSES: usize = SMALL_CLASSES + LARGE_CLASSES;

/// The alignment of every block of the C library: that of C's `max_align_t`.
const ALIGNMENT: usize = 16;

/// The alignment that the standard library asks the C library's `malloc` for, and no
/// other function.
const MALLOC_ALIGNMENT: usize = 8;

/// The most memory that the list of a small and of a larger size keeps.
const MOST_FREE_BYTES: [usize; 2] = [96 * 1024, 64 * 1024];

/// Every block is one of the C library, so that any may be freed or resized there.
pub struct Allocator {
    free: UnsafeCell<[FreeBlocks; CLASSES]>,
}

/// The free blocks of one size, last freed first.
#[derive(Clone, Copy)]
struct FreeBlocks {
    first: *mut FreeBlock,
    /// How many more fit.
    room: usize,
}

/// A free block: its first bytes lead to the next.
struct FreeBlock {
    next: *mut FreeBlock,
}

// SAFETY: the component has one thread, and no method calls back.
unsafe impl Sync for Allocator {}

impl Allocator {
    pub const fn new() -> Self {
        let mut free = [FreeBlocks {
            first: ptr::null_mut(),
            room: 0,
        }; CLASSES];
        let mut class = 0;
        while class < CLASSES {
            let most = MOST_FREE_BYTES[(class >= SMALL_CLASSES) as usize];
            free[class].room = most / (block_bytes(class) + HEADER_BYTES);
            class += 1;
        }
        Self {
            free: UnsafeCell::new(free),
        }
    }
}

/// Starts to count what a script uses: all that is alive. What the first call was given,
/// a snapshot or inputs, is alive by now too, and becomes the script's or goes.
pub fn start_counting() {
    const NOT_COUNTED: usize = usize::MAX;
    let (order, failed) = (Ordering::Relaxed, Ordering::Relaxed);
    let _ = BASELINE_MEMORY.compare_exchange(NOT_COUNTED, 0, order, failed);
}

/// The list for blocks of a layout, if they are not too large for one.
#[inline]
fn class(layout: Layout) -> Option<usize> {
    let last_byte = layout.size() + HEADER_BYTES - 1;
    let mut class = last_byte / CLASS_BYTES;
    if class >= SMALL_CLASSES {
        class = last_byte / LARGE_CLASS_BYTES + LARGE_OFFSET;
    }
    (class < CLASSES && layout.align() <= ALIGNMENT).then_some(class)
}

/// The bytes of every block of a class.
const fn block_bytes(class: usize) -> usize {
    if class < SMALL_CLASSES {
        (class + 1) * CLASS_BYTES - HEADER_BYTES
    } else {
        (class - LARGE_OFFSET + 1) * LARGE_CLASS_BYTES - HEADER_BYTES
    }
}

/// What the C library is asked for: a block of any size can then hold every block of
/// its class.
#[inline]
fn rounded(layout: Layout) -> Layout {
    match class(layout) {
        Some(class) => {
            // SAFETY: 8 is a power of two, and the size far from the largest.
            unsafe { Layout::from_size_align_unchecked(block_bytes(class), MALLOC_ALIGNMENT) }
        }
        None => layout,
    }
}

// SAFETY: a block is given out by `System` or taken from a list, into which only
// blocks come that were freed and were at least as large; each is given to one
// caller. All requests to `System` about a block name the same `rounded` layout.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE_MEMORY.fetch_add(layout.size(), Ordering::Relaxed);
        if let Some(class) = class(layout) {
            // SAFETY: no other reference into the lists is alive.
            let blocks = unsafe { &mut (*self.free.get())[class] };
            if !blocks.first.is_null() {
                let block = blocks.first;
                // SAFETY: a block in a list is free and begins with a pointer.
                blocks.first = unsafe { (*block).next };
                blocks.room += 1;
                return block.cast();
            }
        }
        // SAFETY: the caller's, who asks for more than no bytes.
        unsafe { allocate(rounded(layout)) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE_MEMORY.fetch_sub(layout.size(), Ordering::Relaxed);
        if let Some(class) = class(layout) {
            // SAFETY: no other reference into the lists is alive.
            let blocks = unsafe { &mut (*self.free.get())[class] };
            if let Some(room) = blocks.room.checked_sub(1) {
                blocks.room = room;
                let block: *mut FreeBlock = block.cast();
                // SAFETY: the block is free, and of 12 bytes or more.
                unsafe { (*block).next = blocks.first };
                blocks.first = block;
                return;
            }
        }
        // SAFETY: the block was allocated with this layout.
        unsafe { System.dealloc(block, rounded(layout)) };
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if class(layout).is_some() {
            // SAFETY: the caller's.
            let block = unsafe { self.alloc(layout) };
            // SAFETY: it was just allocated with this size.
            unsafe { block.write_bytes(0, layout.size()) };
            return block;
        }
        LIVE_MEMORY.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's.
        checked(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's: `size` is valid with this alignment.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (class(layout), class(new)) {
            (Some(before), Some(after)) if before == after => {
                count_change(layout.size(), size);
                block
            }
            (None, None) => {
                count_change(layout.size(), size);
                // SAFETY: the caller's.
                checked(unsafe { System.realloc(block, layout, size) })
            }
            _ => {
                // SAFETY: both blocks hold the bytes that are copied, and they are
                // two; the old one is not used again.
                unsafe {
                    let to = self.alloc(new);
                    ptr::copy_nonoverlapping(block, to, layout.size().min(size));
                    self.dealloc(block, layout);
                    to
                }
            }
        }
    }
}

fn count_change(before: usize, after: usize) {
    LIVE_MEMORY.fetch_add(after.wrapping_sub(before), Ordering::Relaxed);
}

/// A block from the C library.
#[inline(never)]
unsafe fn allocate(layout: Layout) -> *mut u8 {
    // SAFETY: the caller's.
    let block = checked(unsafe { System.alloc(layout) });
    if !block.addr().is_multiple_of(ALIGNMENT) {
        // A C library that does not keep to C.
        process::abort();
    }
    block
}

/// The block. Where there is none, the instance ends; that the host let it have no
/// more memory is what it ends with.
fn checked(block: *mut u8) -> *mut u8 {
    if block.is_null() {
        process::abort();
    }
    block
}
