//! The variables that say what stands where, and how much may be written.

use monty_vfs::Limits;
use monty_vfs::path::check_given;

/// The mount points that are copy on write.
const OVERLAY: &str = "MONTY_OVERLAY";

/// The directories in memory.
const MEMORY: &str = "MONTY_MEMORY";

/// Bytes that each overlay, and each directory in memory, may take.
const MAX_MEMORY_BYTES: &str = "MONTY_MAX_FILE_MEMORY_BYTES";

/// Bytes that may be written to preopened directories in all.
const MAX_WRITTEN_BYTES: &str = "MONTY_MAX_WRITTEN_BYTES";

/// What the variables say.
pub struct Settings {
    pub overlays: Overlays,
    /// Virtual paths.
    pub memory: Vec<String>,
    pub limits: Limits,
}

/// Which preopened directories are copy on write.
pub enum Overlays {
    All,
    /// Those at these mount points.
    At(Vec<String>),
}

impl Settings {
    /// The text of an error says which variable is wrong, and what to write.
    pub fn from_environment() -> Result<Self, String> {
        let mut limits = Limits::default();
        if let Some(bytes) = number(MAX_WRITTEN_BYTES)? {
            limits.written_bytes = bytes;
        }
        if let Some(bytes) = number(MAX_MEMORY_BYTES)? {
            limits.overlay_bytes = bytes;
        }
        let overlays = match variable(OVERLAY)? {
            Some(text) if text.trim() == "*" => Overlays::All,
            text => Overlays::At(paths(OVERLAY, text)?),
        };
        let memory = paths(MEMORY, variable(MEMORY)?)?;
        Ok(Self {
            overlays,
            memory,
            limits,
        })
    }

    pub fn is_overlay(&self, point: &str) -> bool {
        match &self.overlays {
            Overlays::All => true,
            Overlays::At(points) => points.iter().any(|other| other == point),
        }
    }

    /// Whether every overlay has a directory, of which these are the mount
    /// points.
    pub fn check_overlays(&self, mounted: &[&str]) -> Result<(), String> {
        let Overlays::At(points) = &self.overlays else {
            return Ok(());
        };
        let Some(missing) = points.iter().find(|point| !mounted.contains(&&***point)) else {
            return Ok(());
        };
        let there = match mounted {
            [] => "there is none".to_owned(),
            mounted => format!("there is `{}`", mounted.join("`, `")),
        };
        Err(format!(
            "{OVERLAY} names `{missing}`, where no directory stands ({there}): give the runtime \
             one, as in `--dir data::/data`, or write `*` for all that it has"
        ))
    }
}

/// The text of a variable. One that is empty is as good as none.
fn variable(name: &str) -> Result<Option<String>, String> {
    match std::env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

fn number(name: &str) -> Result<Option<u64>, String> {
    let Some(text) = variable(name)? else {
        return Ok(None);
    };
    let number = text.trim().parse();
    number
        .map(Some)
        .map_err(|_| format!("{name} holds `{text}`: write a whole number of bytes"))
}

/// Virtual paths with commas between them.
fn paths(name: &str, text: Option<String>) -> Result<Vec<String>, String> {
    let text = text.unwrap_or_default();
    let paths = text
        .split(',')
        .map(str::trim)
        .filter(|path| !path.is_empty());
    paths
        .map(|path| match check_given(path) {
            Ok(()) => Ok(path.to_owned()),
            Err(error) => Err(format!("{name}: {error}")),
        })
        .collect()
}
