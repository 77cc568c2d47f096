//! Sets the size of the stack in linear memory, where the interpreter's larger
//! locals live. Here, and not in `.cargo/config.toml`, whose flags Cargo
//! ignores when `RUSTFLAGS` is set.

/// Enough for `options.limits.max-recursion-depth` at its largest. Pages that
/// nothing touches cost nothing.
const STACK_BYTES: u32 = 4 * 1024 * 1024;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg=-zstack-size={STACK_BYTES}");
}
