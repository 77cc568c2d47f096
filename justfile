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
