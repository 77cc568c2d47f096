//! A system built from parts.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use monty_vfs::{Context, Error, Limits, Pace};

use super::clock::RunningClock;
use super::mounts::Mounts;
use super::random::Source;
use super::sleep::Sleeper;
use super::{
    Change, Clock, ErrorCode, FileStat, MemoryFiles, MountError, MountMode, OpenMode, Os,
    Randomness, ScanEntry, ScanOptions, SleepPolicy, WriteMode,
};
use crate::account::work::{Halted, breathe};
use crate::check::Declarations;
use monty_value::Value;
use monty_value::types::Instant;

/// An [`Os`] built from the parts that a host allows.
///
/// A new one allows nothing:
///
/// - no files: every operation on them is [`ErrorCode::Unhandled`];
/// - an empty environment: `os.getenv()` finds nothing, and the variables of
///   the host's process are never passed on;
/// - no modules: `import` raises `ModuleNotFoundError`;
/// - the real time;
/// - random bytes of the host's operating system, at most 16 MiB in one call;
/// - sleeping for 10 seconds in all.
///
/// Once files are allowed:
///
/// - a file may have at most 64 MiB to be read or written
///   ([`max_file_bytes`](Self::max_file_bytes));
/// - a listed directory or a scanned tree has at most 100 000 entries
///   ([`max_entries`](Self::max_entries)), and the paths of one scan have at
///   most 32 MiB;
/// - each overlay takes at most 100 MiB of memory
///   ([`max_overlay_bytes`](Self::max_overlay_bytes));
/// - at most 1 GiB is written to read-write mounts in all
///   ([`max_written_bytes`](Self::max_written_bytes));
/// - a path has at most 4096 bytes and 128 names, a name at most 255 bytes.
///
/// A `System` is the state of one run or session: overlays keep their changes,
/// sleeps and writes add up, and seeded random bytes continue.
/// [`fresh`](Self::fresh) creates another for the next run, without reopening
/// anything.
///
/// File operations are local, so they run on the thread that polls the script
/// and yield to other tasks every few milliseconds. Do not mount a network file
/// system that may hang.
///
/// ```
/// use monty_host::os::{MemoryFiles, MountMode, Randomness, System};
///
/// # let directory = tempfile::tempdir()?;
/// let system = System::new()
///     .files(MemoryFiles::new().file("/config/settings.json", "{}")?)?
///     .mount(directory.path(), "/data", MountMode::ReadOnly)?
///     .env("LANG", "C.UTF-8")
///     .randomness(Randomness::Seeded(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct System {
    mounts: Mounts,
    limits: Limits,
    written: AtomicU64,
    environment: BTreeMap<String, String>,
    modules: HashMap<String, Value>,
    clock: RunningClock,
    random: Randomness,
    source: Source,
    sleeper: Sleeper,
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of variables may be secrets.
        f.debug_struct("System")
            .field(
                "mount_points",
                &self.mounts.table.points().collect::<Vec<_>>(),
            )
            .field("variables", &self.environment.keys())
            .field("modules", &self.modules.keys())
            .field("clock", &self.clock.clock)
            .field("random", &self.random)
            .field("sleep", &self.sleeper.policy)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl System {
    /// A system that allows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Mounts a directory of the host at a virtual path, such as `/data`.
    ///
    /// The directory is opened now. A script reaches only its contents: links
    /// that are absolute or lead out are rejected, and so are FIFOs, sockets
    /// and devices. A hard link is the file itself, wherever else that has a
    /// name. Names that are not UTF-8 are not listed.
    ///
    /// Among nested mount points, the longest wins. The directories above a
    /// mount point exist and can be listed. With anything mounted, a path
    /// outside is [`ErrorCode::PermissionDenied`].
    ///
    /// # Errors
    ///
    /// - the virtual path is not absolute and normalised, or taken;
    /// - the host directory does not exist, is not a directory, or cannot be
    ///   opened;
    /// - it is inside a mounted directory, or contains one, and one of the two
    ///   is read-write, so that a write would change the other too.
    pub fn mount(
        mut self,
        host_directory: impl AsRef<Path>,
        virtual_path: &str,
        mode: MountMode,
    ) -> Result<Self, MountError> {
        self.mounts
            .directory(host_directory.as_ref(), virtual_path, mode)?;
        Ok(self)
    }

    /// Mounts files in memory at `/`.
    ///
    /// # Errors
    ///
    /// If something is mounted at `/`.
    pub fn files(self, files: MemoryFiles) -> Result<Self, MountError> {
        self.files_at("/", files)
    }

    /// Mounts files in memory at a virtual path. The paths in `files` are
    /// relative to it: `/a.txt` is `/data/a.txt` at `/data`.
    ///
    /// # Errors
    ///
    /// If the virtual path is not absolute and normalised, or taken.
    pub fn files_at(mut self, virtual_path: &str, files: MemoryFiles) -> Result<Self, MountError> {
        self.mounts.files(virtual_path, files)?;
        Ok(self)
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Sets environment variables.
    #[must_use]
    pub fn envs<N: Into<String>, V: Into<String>>(
        self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        variables
            .into_iter()
            .fold(self, |system, (name, value)| system.env(name, value))
    }

    /// Adds a module for `import`, by its first name: `pkg` for
    /// `import pkg.sub`.
    #[must_use]
    pub fn module(mut self, name: impl Into<String>, module: Value) -> Self {
        self.modules.insert(name.into(), module);
        self
    }

    /// The effect of `time.sleep()` and `asyncio.sleep()`. By default they
    /// wait, up to 10 seconds in all.
    #[must_use]
    pub fn sleep_policy(mut self, policy: SleepPolicy) -> Self {
        self.sleeper = Sleeper::new(policy);
        self
    }

    /// The time of day, for scripts whose clock is [`Clock::Host`], and of
    /// files that are written in memory. The real time by default.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock.clock = clock;
        self
    }

    /// The source of `os.urandom()`.
    #[must_use]
    pub fn randomness(mut self, random: Randomness) -> Self {
        self.random = random;
        self.source = Source::new(random);
        self
    }

    /// The limit on the bytes of a file that is read or written:
    /// [`ErrorCode::FileTooLarge`] beyond. 64 MiB by default.
    #[must_use]
    pub fn max_file_bytes(mut self, bytes: u64) -> Self {
        self.limits.file_bytes = bytes;
        self
    }

    /// The limit on the entries of a listed directory or a scanned tree. Beyond
    /// it, a script gets a `RuntimeError`: `os.walk()` and `Path.glob()` would
    /// ignore an `OSError`. 100 000 by default.
    #[must_use]
    pub fn max_entries(mut self, entries: usize) -> Self {
        self.limits.entries = entries;
        self
    }

    /// The limit on the memory of each [overlay](MountMode::Overlay), in bytes:
    /// [`ErrorCode::NoSpace`] beyond. 100 MiB by default. Besides content and
    /// names, a file takes some 200 bytes, and a non-empty directory up to 900.
    #[must_use]
    pub fn max_overlay_bytes(mut self, bytes: u64) -> Self {
        self.limits.overlay_bytes = bytes;
        self
    }

    /// The limit on bytes written to [read-write](MountMode::ReadWrite) mounts
    /// in all, even if the files are removed again: [`ErrorCode::NoSpace`]
    /// beyond. A new file or directory counts 4 KiB plus its content. 1 GiB by
    /// default.
    #[must_use]
    pub fn max_written_bytes(mut self, bytes: u64) -> Self {
        self.limits.written_bytes = bytes;
        self
    }

    /// Another system with the same parts as before the first run: overlays
    /// without changes, nothing slept or written, random bytes from the seed.
    /// [`MemoryFiles`] are shared, not copied.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self {
            mounts: self.mounts.fresh(),
            limits: self.limits,
            written: AtomicU64::new(0),
            environment: self.environment.clone(),
            modules: self.modules.clone(),
            clock: RunningClock::new(self.clock.clock),
            random: self.random,
            source: Source::new(self.random),
            sleeper: Sleeper::new(self.sleeper.policy),
        }
    }

    /// The changes of scripts in [overlays](MountMode::Overlay), a directory
    /// before its contents. Files that a script wrote can also be read through
    /// the methods of [`Os`].
    ///
    /// One change at a time, because all of them with their paths and content
    /// may take more memory than the overlays.
    pub fn changes(&self) -> impl Iterator<Item = Change> {
        self.mounts.table.changes()
    }

    fn context(&self) -> Context<'_> {
        let Instant {
            seconds,
            nanoseconds,
        } = self.clock.now().into();
        let now = monty_vfs::Instant {
            seconds,
            nanoseconds,
        };
        Context::new(now, &self.limits, &self.written, &Account)
    }
}

/// The pace of the run that the host works for.
struct Account;

#[async_trait]
impl Pace for Account {
    async fn breathe(&self) -> Result<(), Error> {
        breathe().await.map_err(|Halted| Error::Halted)
    }
}

#[async_trait]
impl Os for System {
    fn declarations(&self) -> Declarations {
        let modules = self.modules.iter();
        modules.fold(Declarations::new(), |all, (name, module)| {
            all.with_module_value(name, module)
        })
    }

    async fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, ErrorCode> {
        Ok(self.mounts.table.stat(path, follow_links)?)
    }

    async fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        Ok(self.mounts.table.read_link(path)?)
    }

    async fn read(&self, path: &str) -> Result<Vec<u8>, ErrorCode> {
        Ok(self.mounts.table.read(path, &self.context()).await?)
    }

    async fn write(&self, path: &str, data: &[u8], mode: WriteMode) -> Result<(), ErrorCode> {
        let table = &self.mounts.table;
        Ok(table.write(path, data, mode, &self.context()).await?)
    }

    async fn open(&self, path: &str, mode: OpenMode) -> Result<(), ErrorCode> {
        let table = &self.mounts.table;
        Ok(table.open(path, mode, &self.context()).await?)
    }

    async fn list_directory(&self, path: &str) -> Result<Vec<String>, ErrorCode> {
        Ok(self.mounts.table.list(path, &self.context()).await?)
    }

    async fn scan(&self, path: &str, options: ScanOptions) -> Result<Vec<ScanEntry>, ErrorCode> {
        let table = &self.mounts.table;
        Ok(table.scan(path, &options, &self.context()).await?)
    }

    async fn create_directory(&self, path: &str) -> Result<(), ErrorCode> {
        let table = &self.mounts.table;
        Ok(table.create_directory(path, &self.context())?)
    }

    async fn remove_file(&self, path: &str) -> Result<(), ErrorCode> {
        Ok(self.mounts.table.remove_file(path, &self.context())?)
    }

    async fn remove_directory(&self, path: &str) -> Result<(), ErrorCode> {
        let table = &self.mounts.table;
        Ok(table.remove_directory(path, &self.context()).await?)
    }

    async fn rename(&self, source: &str, destination: &str) -> Result<(), ErrorCode> {
        let table = &self.mounts.table;
        Ok(table.rename(source, destination, &self.context()).await?)
    }

    async fn getenv(&self, name: &str) -> Result<Option<String>, ErrorCode> {
        Ok(self.environment.get(name).cloned())
    }

    async fn environ(&self) -> Result<Vec<(String, String)>, ErrorCode> {
        let variables = self.environment.iter();
        Ok(variables
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect())
    }

    async fn now(&self) -> Result<SystemTime, ErrorCode> {
        Ok(self.clock.now())
    }

    async fn monotonic_now(&self) -> Result<Duration, ErrorCode> {
        Ok(self.clock.monotonic_now())
    }

    async fn sleep(&self, duration: Duration) -> Result<(), ErrorCode> {
        self.sleeper.sleep(duration).await
    }

    async fn random_bytes(&self, size: u64) -> Result<Vec<u8>, ErrorCode> {
        self.source.bytes(size)
    }

    async fn import_module(&self, name: &str) -> Result<Value, ErrorCode> {
        self.modules.get(name).cloned().ok_or(ErrorCode::NotFound)
    }
}
