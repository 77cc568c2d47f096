//! Short copies in WebAssembly. wasmtime calls the host for `memory.copy` and
//! `memory.fill`, which takes longer than to copy some words, and most copies are
//! short: texts, keys, parts of a larger value. `postlink` makes these instructions
//! calls of the functions here.
//!
//! These may not use the stack in linear memory, which `postlink` checks: a function
//! that calls nothing keeps values below the stack pointer (LLVM's red zone), and does
//! not know that it calls one. So values that are copied are in variables of their own
//! and not in arrays, and nothing here is called but what is always inlined.

use std::{
    arch::wasm32::{i8x16_splat, v128, v128_load, v128_store},
    ptr,
};

/// What the host copies faster.
const MOST_BYTES: usize = 512;

/// What a longer copy moves at a time: four values, since LLVM would make
/// `memory.copy` of a loop over one.
const LINE_BYTES: usize = 4 * size_of::<v128>();

/// `memory.copy`: the blocks may overlap.
///
/// # Safety
///
/// `count` bytes can be read at `from` and written at `to`.
#[unsafe(export_name = "copy_bytes")]
unsafe extern "C" fn copy_bytes(to: *mut u8, from: *const u8, count: usize) {
    // SAFETY: each read and each write is of bytes of the two blocks, and nothing is
    // written before what it may overlap with is read.
    unsafe {
        if count <= 16 {
            if count >= 8 {
                copy_ends::<u64>(to, from, count);
            } else if count >= 4 {
                copy_ends::<u32>(to, from, count);
            } else if count >= 2 {
                copy_ends::<u16>(to, from, count);
            } else if count == 1 {
                *to = *from;
            }
        } else if count <= 32 {
            copy_ends::<v128>(to, from, count);
        } else if count <= 64 {
            let end = count - 2 * size_of::<v128>();
            let (a, b) = (at(from, 0), at(from, 16));
            let (c, d) = (at(from, end), at(from, end + 16));
            put(to, 0, a);
            put(to, 16, b);
            put(to, end, c);
            put(to, end + 16, d);
        } else if count <= MOST_BYTES && to.addr().wrapping_sub(from.addr()) >= count {
            // From front to back, what is read next is only overwritten if `to` is in
            // the middle of `from`.
            let end = count - LINE_BYTES;
            let last = (
                at(from, end),
                at(from, end + 16),
                at(from, end + 32),
                at(from, end + 48),
            );
            let mut start = 0;
            while start < end {
                let (a, b) = (at(from, start), at(from, start + 16));
                let (c, d) = (at(from, start + 32), at(from, start + 48));
                put(to, start, a);
                put(to, start + 16, b);
                put(to, start + 32, c);
                put(to, start + 48, d);
                start += LINE_BYTES;
            }
            put(to, end, last.0);
            put(to, end + 16, last.1);
            put(to, end + 32, last.2);
            put(to, end + 48, last.3);
        } else {
            ptr::copy(from, to, count);
        }
    }
}

/// `memory.fill`, with the lowest byte of `byte`.
///
/// # Safety
///
/// `count` bytes can be written at `to`.
#[unsafe(export_name = "fill_bytes")]
unsafe extern "C" fn fill_bytes(to: *mut u8, byte: u32, count: usize) {
    let byte = byte as u8;
    let bytes = u64::from(byte) * (u64::MAX / 0xff);
    // SAFETY: each write is of bytes of the block.
    unsafe {
        if count < 16 {
            if count >= 8 {
                fill_ends(to, bytes, count);
            } else if count >= 4 {
                fill_ends(to, bytes as u32, count);
            } else if count >= 2 {
                fill_ends(to, bytes as u16, count);
            } else if count == 1 {
                *to = byte;
            }
        } else if count <= MOST_BYTES {
            let line = i8x16_splat(byte.cast_signed());
            let end = count - size_of::<v128>();
            let mut at = 0;
            while at < end {
                to.add(at).cast::<v128>().write_unaligned(line);
                at += size_of::<v128>();
            }
            to.add(end).cast::<v128>().write_unaligned(line);
        } else {
            ptr::write_bytes(to, byte, count);
        }
    }
}

/// Copies the first bytes and the last, which overlap in the middle.
///
/// # Safety
///
/// As that of [`copy_bytes`]; `count` is between the size of `T` and twice that.
#[inline(always)]
unsafe fn copy_ends<T>(to: *mut u8, from: *const u8, count: usize) {
    let end = count - size_of::<T>();
    // SAFETY: the caller's.
    unsafe {
        let first = from.cast::<T>().read_unaligned();
        let last = from.add(end).cast::<T>().read_unaligned();
        to.cast::<T>().write_unaligned(first);
        to.add(end).cast::<T>().write_unaligned(last);
    }
}

/// The same for a block that is filled.
///
/// # Safety
///
/// As that of [`fill_bytes`]; `count` is between the size of `T` and twice that.
#[inline(always)]
unsafe fn fill_ends<T: Copy>(to: *mut u8, bytes: T, count: usize) {
    // SAFETY: the caller's.
    unsafe {
        to.cast::<T>().write_unaligned(bytes);
        to.add(count - size_of::<T>())
            .cast::<T>()
            .write_unaligned(bytes);
    }
}

/// # Safety
///
/// 16 bytes can be read there.
#[inline(always)]
unsafe fn at(from: *const u8, offset: usize) -> v128 {
    // SAFETY: the caller's.
    unsafe { v128_load(from.add(offset).cast()) }
}

/// # Safety
///
/// 16 bytes can be written there.
#[inline(always)]
unsafe fn put(to: *mut u8, offset: usize, value: v128) {
    // SAFETY: the caller's.
    unsafe { v128_store(to.add(offset).cast(), value) }
}
