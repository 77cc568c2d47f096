//! The type checker of `monty-host` as a component: its bytes.
//!
//! The component is of the world `checker` in `wit/checker/`, and is built from
//! `checker-component/`. Use it through the feature `checker` of `monty-host`.

/// The component, compressed with zstd.
pub static COMPRESSED: &[u8] = include_bytes!("../component/checker.wasm.zst");

/// The SHA-256 of the component, as `sha256sum` prints it.
pub const HASH: &str = include_str!("../component/checker.wasm.sha256");
