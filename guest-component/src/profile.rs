//! Writes the counters of an instrumented build, which `guest-component/profile`
//! makes: no other build has this module.
//!
//! The target has no profiler runtime. The format is LLVM's raw profile, as
//! `llvm-profdata` of the same toolchain reads it; it rejects any other.

use crate::bindings::monty::sandbox::print::{StandardStream, write as print};

/// The bytes of a record about one function, on a 32-bit target.
const RECORD_BYTES: usize = 56;

/// The start of a raw profile of a 32-bit target.
const MAGIC: u64 = u64::from_be_bytes(*b"\xfflprofR\x81");

/// Version 11 of the format, with counters of the intermediate representation.
const VERSION: u64 = 11 | 1 << 56;

/// The last kind of values that LLVM can count. None are counted.
const LAST_VALUE_KIND: u64 = 2;

/// The bytes that one write takes, each as two digits.
const WRITE_BYTES: usize = 32 * 1024;

/// Tells the instrumentation that there is a runtime.
#[unsafe(no_mangle)]
static __llvm_profile_runtime: u8 = 0;

unsafe extern "C" {
    #[link_name = "__start___llvm_prf_data"]
    static DATA_START: u8;
    #[link_name = "__stop___llvm_prf_data"]
    static DATA_STOP: u8;
    #[link_name = "__start___llvm_prf_cnts"]
    static COUNTERS_START: u8;
    #[link_name = "__stop___llvm_prf_cnts"]
    static COUNTERS_STOP: u8;
    #[link_name = "__start___llvm_prf_names"]
    static NAMES_START: u8;
    #[link_name = "__stop___llvm_prf_names"]
    static NAMES_STOP: u8;
}

/// Writes the raw profile to standard error, in base 16.
pub fn write() {
    // SAFETY: the linker puts each of the three sections between its two symbols.
    let (data, counters, names) = unsafe {
        (
            section(&raw const DATA_START, &raw const DATA_STOP),
            section(&raw const COUNTERS_START, &raw const COUNTERS_STOP),
            section(&raw const NAMES_START, &raw const NAMES_STOP),
        )
    };
    let address = |section: &[u8]| section.as_ptr().addr();
    let padding = |section: &[u8]| section.len().wrapping_neg() % 8;
    let header = [
        MAGIC,
        VERSION,
        // No build identifiers.
        0,
        (data.len() / RECORD_BYTES) as u64,
        padding(data) as u64,
        (counters.len() / 8) as u64,
        padding(counters) as u64,
        // No bitmaps, and no counters that only graphics cards have.
        0,
        0,
        0,
        0,
        0,
        names.len() as u64,
        address(counters).wrapping_sub(address(data)) as u64,
        0,
        address(names) as u64,
        // No tables of virtual functions.
        0,
        0,
        LAST_VALUE_KIND,
    ];
    let mut profile: Vec<u8> = header
        .iter()
        .flat_map(|field| field.to_le_bytes())
        .collect();
    for section in [data, counters, names] {
        profile.extend_from_slice(section);
        profile.resize(profile.len() + padding(section), 0);
    }
    for piece in profile.chunks(WRITE_BYTES) {
        let text: String = piece.iter().map(|byte| format!("{byte:02x}")).collect();
        if print(StandardStream::Stderr, &text).is_err() {
            return;
        }
    }
}

/// The bytes from `start` to `stop`.
///
/// # Safety
///
/// They are one allocation, and nothing writes to it while the result is in use.
unsafe fn section(start: *const u8, stop: *const u8) -> &'static [u8] {
    // SAFETY: the caller's.
    unsafe { std::slice::from_raw_parts(start, stop.addr() - start.addr()) }
}
