//! What stands where, and how much may be written.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{self, Poll, Waker};

use monty_vfs::path::absolute;
use monty_vfs::{Context, Error, FileSystem, Limits, MemoryFiles, MountTable, Overlay};
use wasip2::clocks::wall_clock;
use wasip2::filesystem::preopens::get_directories;

use crate::convert::instant;
use crate::directory::Directory;
use crate::settings::Settings;

/// All files, and what was written.
pub struct Files {
    /// The text says which setting is wrong. Nothing is served then.
    table: Result<MountTable, String>,
    limits: Limits,
    written: AtomicU64,
}

impl Files {
    /// The preopened directories of this component, with what the variables
    /// add.
    pub fn from_environment() -> Self {
        let settings = Settings::from_environment();
        let limits = match &settings {
            Ok(settings) => settings.limits,
            Err(_) => Limits::default(),
        };
        Self {
            table: settings.and_then(|settings| mounted(&settings)),
            limits,
            written: AtomicU64::new(0),
        }
    }

    pub fn table(&self) -> Result<&MountTable, Error> {
        let table = self.table.as_ref();
        table.map_err(|wrong| Error::Other(wrong.clone()))
    }

    pub fn context(&self) -> Context<'_> {
        // Nobody else can run in this instance meanwhile.
        let pace = &();
        let now = instant(Some(wall_clock::now()));
        Context::new(now, &self.limits, &self.written, pace)
    }
}

/// Of two directories with one mount point, the first stands there.
fn mounted(settings: &Settings) -> Result<MountTable, String> {
    let mut table = MountTable::new();
    for (descriptor, name) in get_directories() {
        let point = absolute(&name);
        if table.points().any(|other| other == point) {
            continue;
        }
        let directory: Arc<dyn FileSystem> = Arc::new(Directory::new(descriptor));
        let files = if settings.is_overlay(&point) {
            Arc::new(Overlay::over(directory))
        } else {
            directory
        };
        let mounted = table.mount(&point, files);
        mounted.map_err(|error| format!("the directory `{name}`: {error}"))?;
    }
    let points: Vec<&str> = table.points().collect();
    settings.check_overlays(&points)?;
    for point in &settings.memory {
        let files = MemoryFiles::new().max_bytes(settings.limits.overlay_bytes);
        let mounted = table.mount(point, files.into());
        mounted.map_err(|error| format!("MONTY_MEMORY: {error}"))?;
    }
    Ok(table)
}

/// Polls a future to its end. All of this component's are ready at once: its
/// calls of WASI block.
pub fn now<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut context = task::Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(Error::Other("a file operation that waits".to_owned())),
    }
}
