# Everything a contributor runs. `just` lists it.

_list:
    @just --list

# What CI checks: all of it, or the steps named, such as `just check formatting tests lints`
check *steps:
    .ci/run {{steps}}

# Accept changed snapshots, after reading them
bless: adapters
    INSTA_UPDATE=always cargo test --workspace

# Rebuild host/component/monty.wasm from guest-component/
component:
    guest-component/build

# Rebuild the component and compare it with the committed one, changed or not
component-check:
    guest-component/build --check

# Refresh the profile that the component is optimised by; rebuild the component after it
profile:
    guest-component/profile

# Rebuild crates/checker/component from checker-component/
checker:
    checker-component/build

# Rebuild the type checker and compare it with the committed one, changed or not
checker-check:
    checker-component/build --check

# Build the component with cargo-component and run the smoke snapshots on it
cargo-component:
    guest-component/cargo-component

# Install, build and test the JavaScript package
js:
    js/ci

# Build the adapters, which the tests of the compositions run
adapters:
    adapters/build

# Build the adapters and compose them with the interpreter: target/compose/monty-cli.wasm and others
compose:
    compositions/compose

# Build the book into target/book, with mdbook (`cargo install mdbook --locked --no-default-features --features search`)
book:
    mdbook build docs

# Measure rows of the benchmarks in monty-host: names or groups, such as `just bench live programs`
bench *rows:
    benchmarks/compare --in monty-host {{rows}}

# Where the time of rows goes, in monty-host: takes perf
bench-profile *rows:
    benchmarks/compare --profile {{rows}}

# Measure monty-host, native Monty, upstream's pool and CPython side by side: docs/benchmarks.md
bench-compare:
    benchmarks/compare --write

# Replay ground truth as direct calls and as scripts: docs/code-mode-benchmark.md
bench-code-mode:
    benchmarks/code-mode/run

# Measure what the worst scripts within the limits cost the host
bench-worst:
    benchmarks/build --bin worst
    ${CARGO_TARGET_DIR:-target}/release/worst

# Compare the counts of hot paths with the committed ones
guards:
    benchmarks/guards

# Build wit/ as a binary WIT package to publish, with `wkg` (`cargo install wkg --locked`)
wit-package:
    mkdir -p target
    wkg build --output target/monty-sandbox-0.2.0.wasm
