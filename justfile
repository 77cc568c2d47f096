# Everything a contributor runs. `just` lists it.

_list:
    @just --list

# Everything CI checks that needs no wasm target
check:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
    cargo test --workspace

# Rebuild host/component/monty.wasm from guest-component/
component:
    guest-component/build

# Rebuild the component and compare it with the committed one
component-check:
    guest-component/build --check

# Build the component with cargo-component and run the smoke snapshots on it
cargo-component:
    guest-component/cargo-component

# Format and lint the guest, which has a toolchain of its own
guest-check:
    cd guest-component && cargo fmt --check && cargo clippy --release --target wasm32-wasip2 -- -D warnings

# The benchmarks
bench:
    cargo bench -p monty-host

# Accept changed snapshots, after reading them
bless:
    INSTA_UPDATE=always cargo test --workspace

# Compare what the scripts of conformance/system print in CPython with the committed outputs
judge:
    python3 conformance/judge

# Build the adapters and compose them with the interpreter: target/compose/monty-cli.wasm and others
compose:
    compositions/compose

# Format, lint and test the adapters and the compositions
adapters-check:
    cd adapters && cargo fmt --check && cargo clippy --release --locked --target wasm32-wasip2 -- -D warnings
    adapters/build
    cd compositions && cargo fmt --check
    CARGO_TARGET_DIR=target cargo clippy --locked --manifest-path compositions/Cargo.toml --all-targets -- -D warnings
    CARGO_TARGET_DIR=target cargo test --locked --manifest-path compositions/Cargo.toml

# Run the compositions with the real `wasmtime` command
adapters-check-wasmtime: compose
    compositions/check-with-wasmtime

# Build wit/ as a binary WIT package with `wkg` (`cargo install wkg --locked`)
wit-package:
    mkdir -p target
    wkg build --output target/monty-sandbox-0.2.0.wasm

# Package every crate that is published, and build it from its package
publish-check:
    crates/publish-check

# Install, build and test the JavaScript host
js:
    js/ci
