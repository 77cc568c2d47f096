//! The repository, and the location of its snapshots.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|folder| folder.join("wit").is_dir() && folder.join("tests").is_dir())
        .expect("the package is in the repository")
        .to_owned()
}

/// The folder of a suite's snapshots: `snapshots/library/values` for the module
/// `library::values`.
pub fn snapshots(module: &str) -> PathBuf {
    let folder = root().join("snapshots");
    module
        .split("::")
        .fold(folder, |path, name| path.join(name))
}

/// Compares with a snapshot of the suite that asserts it: `"to-json"` in
/// `tests/library/values.rs` is `snapshots/library/values/to-json.snap`.
macro_rules! assert_snapshot {
    ($name:expr, $value:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(crate::support::snapshots(module_path!()));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        // The memory that a script had when it hit the limit.
        settings.add_filter(r"limit exceeded: \d+ bytes", "limit exceeded: [used] bytes");
        settings.bind(|| insta::assert_snapshot!($name, $value));
    }};
}
pub(crate) use assert_snapshot;
