//! Compiled code, kept from one process to the next.

mod directory;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;

use wasmtime::Engine;
use wasmtime::component::Component;

use self::directory::Directory;
use super::code_source::CodeSource;
use super::compile::{compile, loaded};
use crate::component::Source;
use crate::error::Error;

/// The variable that names the directory of the user's cache.
const VARIABLE: &str = "MONTY_CACHE_DIR";

/// A directory of compiled code, from which a process starts in milliseconds
/// instead of seconds.
///
/// The files are machine code as it is mapped into memory. They run outside the
/// sandbox, so nobody else may be able to write to them:
///
/// * On Unix, the directory and its files must belong to the user of the process
///   or to root, others must not be able to write to them, and the directory
///   must not be a symbolic link. Otherwise the code is compiled and not kept,
///   and [`CodeSource::NotKept`] has the reason. A directory that does not exist
///   is created with mode 700.
/// * On other systems nothing is checked: the directory must be in a place that
///   only the user can write to, as the one of [`of_user`](Self::of_user) is.
/// * A file gets its name once all of it is on the disk. The name holds the
///   component's hash and a hash of the engine's settings, and wasmtime compares
///   the version, the settings and the processor's features that are written in
///   the file. One that fails any of this, or is cut short, is replaced. The code
///   itself is not checked, like that of other programs on the disk.
///
/// Processes may share a directory. When a file is added, the oldest are removed
/// beyond 256 MiB or 64 files. Files may be removed at any time, but not written
/// in place: running processes have them mapped.
///
/// ```
/// use monty_host::embed::{CodeCache, engine_config};
/// use wasmtime::Engine;
///
/// let engine = Engine::new(&engine_config()?)?;
/// let starting = || eprintln!("compiling the interpreter, which takes some seconds");
/// let (component, source) = CodeCache::of_user().component(&engine, starting)?;
/// # let _ = (component, source);
/// # Ok::<_, wasmtime::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CodeCache {
    /// Or why there is none.
    directory: Result<PathBuf, String>,
}

impl CodeCache {
    /// The cache of the user: `$MONTY_CACHE_DIR`, or else `monty-host/compiled`
    /// in the user's directory for caches: `$XDG_CACHE_HOME` or `~/.cache`,
    /// `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows. For a user who
    /// has none of them, code is compiled and not kept.
    #[must_use]
    pub fn of_user() -> Self {
        Self {
            directory: user_directory(),
        }
    }

    /// A cache in this directory.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: Ok(directory.into()),
        }
    }

    /// The embedded component, compiled for an engine: loaded from the cache,
    /// or compiled and kept for the next process. `on_compile` is called before
    /// it is compiled, which takes seconds.
    ///
    /// The engine must have the settings of
    /// [`engine_config`](super::engine_config), and may have others on top.
    ///
    /// # Errors
    ///
    /// If the component does not compile. A cache that cannot be used is not an
    /// error: the [`CodeSource`] tells.
    pub fn component(
        &self,
        engine: &Engine,
        on_compile: impl FnOnce(),
    ) -> Result<(Component, CodeSource), Error> {
        self.load_or_compile(engine, Source::Interpreter, on_compile)
    }

    /// The same for any component.
    pub(crate) fn load_or_compile(
        &self,
        engine: &Engine,
        source: Source<'_>,
        on_compile: impl FnOnce(),
    ) -> Result<(Component, CodeSource), Error> {
        let name = file_name(engine, &source.hash());
        let directory = self.directory.clone().and_then(Directory::open);
        let reason = match &directory {
            Ok(directory) => match directory.load(engine, &name) {
                Ok(component) => {
                    return Ok((component, CodeSource::Loaded(directory.path(&name))));
                }
                Err(reason) => reason,
            },
            Err(reason) => reason.clone(),
        };
        on_compile();
        let code = compile(engine, source, &reason)?;
        let kept = directory.and_then(|directory| {
            directory.store(&name, &code)?;
            let component = directory.load(engine, &name)?;
            Ok((component, CodeSource::Kept(directory.path(&name))))
        });
        kept.or_else(|reason| Ok((loaded(engine, &code)?, CodeSource::NotKept(reason))))
    }
}

/// One name for each component and each set of settings, among which are the
/// version of wasmtime and the features of the processor. Two that share a name
/// replace each other's file, and neither loads the other's: wasmtime compares
/// the settings.
fn file_name(engine: &Engine, hash: &str) -> String {
    let mut settings = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut settings);
    let component = hash.get(..16).unwrap_or(hash);
    format!("{component}-{:016x}.cwasm", settings.finish())
}

fn user_directory() -> Result<PathBuf, String> {
    let variable = |name| {
        let value = std::env::var_os(name)?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    };
    if let Some(directory) = variable(VARIABLE) {
        return if directory.is_absolute() {
            Ok(directory)
        } else {
            let shown = directory.display();
            Err(format!(
                "{VARIABLE} is `{shown}`, which is not an absolute path"
            ))
        };
    }
    let caches = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        std::env::home_dir().map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME")
            .filter(|directory| directory.is_absolute())
            .or_else(|| Some(std::env::home_dir()?.join(".cache")))
    };
    caches
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join("monty-host").join("compiled"))
        .ok_or_else(|| {
            format!("the user's home directory is unknown; name a directory with {VARIABLE}")
        })
}
