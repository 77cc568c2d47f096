//! Takes away what Rust's standard library would reach without being handed it: the
//! environment, the standard streams and the clock. What it reaches through the C
//! library is not linked from there if it is defined here.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

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

/// The time stands still: files in memory get it, and nothing reads it.
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(_clock: *const c_void, time: *mut [u64; 2]) -> c_int {
    if !time.is_null() {
        // SAFETY: the caller hands over a `timespec`, of two words of 64 bits each,
        // padding included.
        unsafe { *time = [0, 0] };
    }
    0
}
