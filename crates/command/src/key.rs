//! The key that snapshots are signed with.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use monty_host::{Error, SnapshotKey};

/// The environment variable with the key.
pub const KEY_VARIABLE: &str = "MONTY_SNAPSHOT_KEY";

/// The limit on the size of a key: a device has no end.
const MAX_KEY_BYTES: u64 = 64 << 10;

/// The key in a file, or in the environment.
pub fn key(file: Option<&Path>, to: KeyUse) -> Result<SnapshotKey, Error> {
    let advice = match to {
        KeyUse::Sign => {
            "make one with `head -c 32 /dev/urandom > key`, and name it with --snapshot-key-file key"
        }
        KeyUse::Check => "name the file of the key that signed it with --snapshot-key-file",
    };
    let secret = match (file, std::env::var_os(KEY_VARIABLE)) {
        (Some(path), _) => read_key(path).map_err(|error| {
            Error::invalid(format_args!(
                "cannot read the key {}: {error}; {advice}",
                path.display()
            ))
        })?,
        (None, Some(secret)) => secret.into_encoded_bytes(),
        (None, None) => {
            return Err(Error::invalid(format_args!(
                "snapshots are signed with a key: {advice} (or put it into {KEY_VARIABLE})"
            )));
        }
    };
    SnapshotKey::new(secret)
}

/// The key in a file, which may be a pipe: `<(pass show key)`.
fn read_key(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut secret = Vec::new();
    let file = File::open(path)?;
    file.take(MAX_KEY_BYTES + 1).read_to_end(&mut secret)?;
    if secret.len() as u64 > MAX_KEY_BYTES {
        return Err(std::io::Error::other(format!(
            "it has more than {MAX_KEY_BYTES} bytes"
        )));
    }
    Ok(secret)
}

/// The purpose of a key.
#[derive(Clone, Copy)]
pub enum KeyUse {
    /// For the first snapshot of a script: any key will do.
    Sign,
    /// For a signed snapshot: only the same key will do.
    Check,
}
