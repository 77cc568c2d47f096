//! A preopened directory. Paths are relative to it, and empty for itself.

use std::ops::ControlFlow;

use monty_vfs::{
    Context, Error, FileStat, FileSystem, FileType, SLICE_BYTES, SLICE_ENTRIES, Slice, Visit,
    WriteMode, async_trait, expect_regular,
};
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode as WasiError, OpenFlags, PathFlags,
};

use crate::convert::{failed, instant};

/// A preopened directory.
pub struct Directory {
    descriptor: Descriptor,
    writable: bool,
}

impl Directory {
    pub fn new(descriptor: Descriptor) -> Self {
        let flags = descriptor.get_flags().unwrap_or(DescriptorFlags::empty());
        Self {
            descriptor,
            writable: flags.contains(DescriptorFlags::MUTATE_DIRECTORY),
        }
    }

    /// Opens a regular file, and nothing that could block or act when it is
    /// opened: no FIFO, no socket, no device.
    fn open_regular(
        &self,
        path: &str,
        open: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Descriptor, Error> {
        // What stands there is asked before it is opened, and again of what
        // was opened, since something else may stand there by then.
        match self.file_type(path, PathFlags::SYMLINK_FOLLOW) {
            Ok(found) => expect_regular(found)?,
            Err(Error::NotFound) if open.contains(OpenFlags::CREATE) => {}
            Err(error) => return Err(error),
        }
        let file = self
            .descriptor
            .open_at(PathFlags::SYMLINK_FOLLOW, name(path), open, flags)
            .map_err(failed)?;
        expect_regular(file_type(file.get_type().map_err(failed)?))?;
        Ok(file)
    }

    fn file_type(&self, path: &str, follow: PathFlags) -> Result<FileType, Error> {
        let stat = self.descriptor.stat_at(follow, name(path));
        Ok(file_type(stat.map_err(failed)?.type_))
    }
}

#[async_trait]
impl FileSystem for Directory {
    fn is_read_only(&self) -> bool {
        !self.writable
    }

    fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, Error> {
        let follow = if follow_links {
            PathFlags::SYMLINK_FOLLOW
        } else {
            PathFlags::empty()
        };
        let stat = self.descriptor.stat_at(follow, name(path));
        let stat = stat.map_err(failed)?;
        // Not every file system can tell: 0 says so. A number beyond 63 bits
        // may look like another one in Python.
        let hash = self.descriptor.metadata_hash_at(follow, name(path));
        let file_type = file_type(stat.type_);
        Ok(FileStat {
            file_type,
            permissions: match file_type {
                FileType::Directory => 0o755,
                FileType::SymbolicLink => 0o777,
                FileType::Regular | FileType::Other => 0o644,
            },
            size: stat.size,
            modified: instant(stat.data_modification_timestamp),
            accessed: instant(stat.data_access_timestamp),
            changed: instant(stat.status_change_timestamp),
            file_id: hash.map_or(0, |hash| (hash.lower >> 1).max(1)),
            device_id: None,
            link_count: stat.link_count.max(1),
        })
    }

    fn read_link(&self, path: &str) -> Result<String, Error> {
        if self.file_type(path, PathFlags::empty())? != FileType::SymbolicLink {
            return Err(Error::InvalidArgument);
        }
        match self.descriptor.readlink_at(name(path)).map_err(failed) {
            // WASI does not tell an absolute target: this one is as good, since
            // no script may know or follow it.
            Err(Error::PermissionDenied) => Ok("/".to_owned()),
            target => target,
        }
    }

    async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, Error> {
        let file = self.open_regular(path, OpenFlags::empty(), DescriptorFlags::READ)?;
        let size = file.stat().map_err(failed)?.size;
        context.check_file_bytes(size)?;
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        // The size is a hint: the file may grow, and some have none.
        loop {
            let chunk = file.read(SLICE_BYTES as u64, data.len() as u64);
            let (chunk, end) = chunk.map_err(failed)?;
            data.extend_from_slice(&chunk);
            context.check_file_bytes(data.len() as u64)?;
            if end || chunk.is_empty() {
                return Ok(data);
            }
            context.breathe().await?;
        }
    }

    fn check_readable(&self, path: &str) -> Result<(), Error> {
        self.open_regular(path, OpenFlags::empty(), DescriptorFlags::READ)
            .map(drop)
    }

    async fn write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let added = data.len() as u64;
        let old = match self
            .descriptor
            .stat_at(PathFlags::SYMLINK_FOLLOW, name(path))
        {
            Ok(stat) => {
                expect_regular(file_type(stat.type_))?;
                Some(stat.size)
            }
            Err(WasiError::NoEntry) => None,
            Err(error) => return Err(failed(error)),
        };
        context.check_file_bytes(match mode {
            WriteMode::Replace => added,
            WriteMode::Append => old.unwrap_or(0).saturating_add(added),
        })?;
        context.spend_written(added, old.is_none())?;
        let file = self.open_regular(path, OpenFlags::CREATE, DescriptorFlags::WRITE)?;
        let mut offset = match mode {
            // Not by a flag of `open-at`, which acts before it is known what
            // was opened.
            WriteMode::Replace => {
                file.set_size(0).map_err(failed)?;
                0
            }
            WriteMode::Append => file.stat().map_err(failed)?.size,
        };
        for chunk in data.chunks(SLICE_BYTES) {
            let mut rest = chunk;
            while !rest.is_empty() {
                let written = file.write(rest, offset).map_err(failed)?;
                offset = offset.saturating_add(written);
                rest = usize::try_from(written)
                    .ok()
                    .filter(|written| *written > 0)
                    .and_then(|written| rest.get(written..))
                    .ok_or_else(|| failed(WasiError::Io))?;
            }
            context.breathe().await?;
        }
        Ok(())
    }

    async fn list(
        &self,
        path: &str,
        context: &Context<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let directory = self
            .descriptor
            .open_at(
                PathFlags::SYMLINK_FOLLOW,
                name(path),
                OpenFlags::DIRECTORY,
                DescriptorFlags::READ,
            )
            .map_err(failed)?;
        let stream = directory.read_directory().map_err(failed)?;
        loop {
            let mut slice = Slice::default();
            while slice.names.len() < SLICE_ENTRIES {
                let Some(entry) = stream.read_directory_entry().map_err(failed)? else {
                    return visit(slice).map(drop);
                };
                if !matches!(entry.name.as_str(), "." | "..") {
                    slice.names.push((entry.name, file_type(entry.type_)));
                }
            }
            if visit(slice)? == ControlFlow::Break(()) {
                return Ok(());
            }
            context.breathe().await?;
        }
    }

    fn create_directory(&self, path: &str, context: &Context<'_>) -> Result<(), Error> {
        if path.is_empty() || self.file_type(path, PathFlags::empty()).is_ok() {
            return Err(Error::AlreadyExists);
        }
        context.spend_written(0, true)?;
        self.descriptor.create_directory_at(path).map_err(failed)
    }

    fn remove_file(&self, path: &str, _context: &Context<'_>) -> Result<(), Error> {
        // Asked first: runtimes and platforms have different codes for it.
        if self.file_type(path, PathFlags::empty())? == FileType::Directory {
            return Err(Error::IsADirectory);
        }
        self.descriptor.unlink_file_at(path).map_err(failed)
    }

    async fn remove_directory(&self, path: &str, _context: &Context<'_>) -> Result<(), Error> {
        self.descriptor.remove_directory_at(path).map_err(failed)
    }

    async fn rename(
        &self,
        source: &str,
        destination: &str,
        _context: &Context<'_>,
    ) -> Result<(), Error> {
        self.descriptor
            .rename_at(source, &self.descriptor, destination)
            .map_err(failed)
    }
}

/// The path as WASI wants it: it has no empty one.
fn name(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

fn file_type(found: DescriptorType) -> FileType {
    match found {
        DescriptorType::RegularFile => FileType::Regular,
        DescriptorType::Directory => FileType::Directory,
        DescriptorType::SymbolicLink => FileType::SymbolicLink,
        DescriptorType::Unknown
        | DescriptorType::BlockDevice
        | DescriptorType::CharacterDevice
        | DescriptorType::Fifo
        | DescriptorType::Socket => FileType::Other,
    }
}
