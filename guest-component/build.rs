//! Sets the sizes of stack and heap in linear memory. Here, and not in
//! `.cargo/config.toml`, whose flags Cargo ignores when `RUSTFLAGS` is set.

/// The stack, where the interpreter's larger locals live: enough for
/// `options.limits.max-recursion-depth` at its largest. Pages that nothing touches
/// cost nothing, and nor does a page table (2 MiB on x86-64) of which nothing is
/// touched: the part of the stack that a small run needs shares one with the data
/// above it.
const STACK_BYTES: u32 = (4 * 1024 + 128) * 1024;

/// The heap that is there from the start: what a small run needs, so that its memory
/// neither grows nor has to shrink again before the next run in its place.
const HEAP_BYTES: u32 = 2 * 1024 * 1024;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Set by `rustc`, for `src/profile.rs`.
    println!("cargo::rustc-check-cfg=cfg(monty_profile)");
    println!("cargo::rustc-link-arg=-zstack-size={STACK_BYTES}");
    println!("cargo::rustc-link-arg=--initial-heap={HEAP_BYTES}");
}
