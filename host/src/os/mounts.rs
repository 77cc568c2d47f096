//! The mounts of a system.

use std::path::Path;
use std::sync::Arc;

use monty_vfs::{FileSystem, MemoryFiles, MountError, MountTable, Overlay};

use super::mount::HostDirectory;

/// How a script may use a directory of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MountMode {
    /// Read only. A change fails with `OSError`: read-only file system.
    ReadOnly,
    /// Read and write, in the directory itself. Written files stay on disk and
    /// are not to be trusted: do not run them, and keep no configuration there
    /// that another program follows.
    ReadWrite,
    /// Read and write, but changes are kept in memory and the directory never
    /// changes: copy on write. Names that differ only in case are two files in
    /// memory, even if they are one on the host's disk.
    Overlay,
}

/// All mounts.
#[derive(Default)]
pub(super) struct Mounts {
    pub table: MountTable,
    /// The directories of the host among them, with their mount points.
    directories: Vec<(String, Arc<HostDirectory>)>,
}

impl Mounts {
    pub fn directory(
        &mut self,
        host: &Path,
        point: &str,
        mode: MountMode,
    ) -> Result<(), MountError> {
        self.table.check_point(point)?;
        let directory = Arc::new(HostDirectory::open(host, mode == MountMode::ReadWrite)?);
        let mut others = self.directories.iter();
        if let Some((other, _)) = others.find(|(_, other)| directory.interferes(other)) {
            return Err(MountError::new(format!(
                "the host directories of `{point}` and `{other}` lie in each other, and one of \
                 them is read-write, which would change the other one too: mount directories that \
                 are apart, or make both read-only or overlays"
            )));
        }
        let files: Arc<dyn FileSystem> = match mode {
            MountMode::ReadOnly | MountMode::ReadWrite => Arc::clone(&directory) as _,
            MountMode::Overlay => Arc::new(Overlay::over(Arc::clone(&directory) as _)),
        };
        self.table.mount(point, files)?;
        self.directories.push((point.to_owned(), directory));
        Ok(())
    }

    pub fn files(&mut self, point: &str, files: MemoryFiles) -> Result<(), MountError> {
        self.table.mount(point, files.into())
    }

    /// The same mounts as before any write.
    pub fn fresh(&self) -> Self {
        Self {
            table: self.table.fresh(),
            directories: self.directories.clone(),
        }
    }
}
