//! Takes away what Rust's standard library would reach without being handed it:
//! the environment and the standard streams.
//!
//! The standard library reaches both through the C library. A C function that
//! is defined here is not linked from there, and neither is the part of WASI
//! that it imports. Clocks and random numbers stay.

use std::{
    ffi::{c_char, c_int, c_void},
    panic, ptr,
};

use crate::bindings::monty::sandbox::print::{StandardStream, write as print};

/// The most that a panic says, so that the host never has to take a text whose
/// size the script chose.
const PANIC_BYTES: usize = 4 * 1024;

/// What is said where something would need more memory than a 32-bit program can
/// address: by the collections of the standard library, and by the regular
/// expressions about the groups of a pattern.
const OUT_OF_ADDRESSES: [&str; 2] = ["capacity overflow", "slot table length doesn't overflow"];

/// The pages of a memory of 4 GiB, the largest there is.
const ALL_PAGES: usize = 1 << 16;

/// No variable is set.
#[unsafe(no_mangle)]
unsafe extern "C" fn getenv(_name: *const c_char) -> *mut c_char {
    ptr::null_mut()
}

/// What is written to a standard stream is discarded.
#[unsafe(no_mangle)]
unsafe extern "C" fn write(_descriptor: c_int, _bytes: *const c_void, count: usize) -> isize {
    count.cast_signed()
}

/// Makes a panic, which ends the instance, say why on the script's standard
/// error: the one stream there is. The script may write the same there, so the
/// text is for people to read; that the interpreter failed is told by the trap.
pub fn print_panics() {
    panic::set_hook(Box::new(|panic| {
        let mut text = format!("the interpreter {panic}");
        text.truncate(text.floor_char_boundary(PANIC_BYTES));
        text.push('\n');
        // The instance ends, whether or not somebody reads why.
        let _ = print(StandardStream::Stderr, &text);
        if panic
            .payload_as_str()
            .is_some_and(|said| OUT_OF_ADDRESSES.contains(&said))
        {
            // The host refuses, and so knows that the trap which follows is one
            // of the memory limit.
            core::arch::wasm32::memory_grow::<0>(ALL_PAGES);
        }
    }));
}
