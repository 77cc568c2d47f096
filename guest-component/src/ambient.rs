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
        print(StandardStream::Stderr, &text);
    }));
}
