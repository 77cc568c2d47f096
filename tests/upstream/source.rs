//! Where upstream's cases are: in the sources that cargo unpacked to build the
//! guest, of the version that its lock file names.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::root;

/// The name and text of every case, sorted by name.
pub fn read_all() -> Result<Vec<(String, String)>, String> {
    let folder = folder()?;
    let shown = folder.display();
    let entries =
        std::fs::read_dir(&folder).map_err(|error| format!("cannot list {shown}: {error}"))?;
    let mut cases = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        cases.push((name.into_owned(), text));
    }
    cases.sort();
    if cases.is_empty() {
        return Err(format!("no case in {shown}"));
    }
    Ok(cases)
}

fn folder() -> Result<PathBuf, String> {
    let guest = root().join("guest-component");
    let package = format!("monty-{}", locked_version(&guest.join("Cargo.lock"))?);
    if let Some(folder) = unpacked(&package) {
        return Ok(folder);
    }
    let manifest = guest.join("Cargo.toml");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let fetched = Command::new(cargo)
        .args(["fetch", "--locked", "--manifest-path"])
        .arg(&manifest)
        .status();
    unpacked(&package).ok_or_else(|| {
        let outcome = match fetched {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        format!(
            "{package}/test_cases is not in cargo's registry ({outcome}); \
             run `cargo fetch --locked --manifest-path guest-component/Cargo.toml` \
             on a machine that reaches crates.io"
        )
    })
}

/// The version of `monty` that the guest is built on.
fn locked_version(lock: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(lock)
        .map_err(|error| format!("cannot read {}: {error}", lock.display()))?;
    let mut lines = text.lines().skip_while(|line| *line != r#"name = "monty""#);
    lines
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| format!("{} names no version of monty", lock.display()))
}

fn unpacked(package: &str) -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    registries
        .filter_map(Result::ok)
        .map(|registry| registry.path().join(package).join("test_cases"))
        .find(|folder| folder.is_dir())
}
