//! Compares bytes in words. The C library, from where the functions of these
//! names come otherwise, compares one byte after the other.

use std::{
    cmp::Ordering,
    ffi::{c_int, c_void},
};

/// The order of two blocks: negative if the first byte that differs is less in
/// `left`, positive if it is greater, 0 if there is none.
///
/// # Safety
///
/// `count` bytes can be read at each address.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(left: *const c_void, right: *const c_void, count: usize) -> c_int {
    let (left, right) = (left.cast(), right.cast());
    // SAFETY: each read ends within `count` bytes.
    let word = |at| unsafe { (word_at(left, at), word_at(right, at)) };
    let Some(last) = count.checked_sub(size_of::<u64>()) else {
        // SAFETY: of the same blocks.
        return unsafe { order((short(left, count), short(right, count))) };
    };
    let mut at = 0;
    while at < last {
        let words = word(at);
        if words.0 != words.1 {
            return order(words);
        }
        at += size_of::<u64>();
    }
    // It may overlap with the one before, which is the same in both.
    order(word(last))
}

/// 0 if two blocks are the same. Compilers call it where they need no order.
///
/// # Safety
///
/// As that of [`memcmp`].
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(left: *const c_void, right: *const c_void, count: usize) -> c_int {
    // SAFETY: the same.
    unsafe { memcmp(left, right, count) }
}

fn order(words: (u64, u64)) -> c_int {
    match words.0.cmp(&words.1) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// Eight bytes as a number whose order is theirs.
///
/// # Safety
///
/// They can be read.
unsafe fn word_at(block: *const u8, at: usize) -> u64 {
    // SAFETY: the caller's.
    u64::from_be_bytes(unsafe { block.add(at).cast::<[u8; 8]>().read() })
}

/// Fewer than eight bytes as a number whose order is theirs, among blocks of
/// that length.
///
/// # Safety
///
/// They can be read.
unsafe fn short(block: *const u8, count: usize) -> u64 {
    // SAFETY: at these places are bytes of the block, some of them twice.
    unsafe {
        if count >= size_of::<u32>() {
            let half = |at: usize| {
                let bytes = block.add(at).cast::<[u8; 4]>().read();
                u64::from(u32::from_be_bytes(bytes))
            };
            return half(0) << 32 | half(count - size_of::<u32>());
        }
        let Some(last) = count.checked_sub(1) else {
            return 0;
        };
        let byte = |at: usize| u64::from(block.add(at).read());
        byte(0) << 16 | byte(count / 2) << 8 | byte(last)
    }
}
