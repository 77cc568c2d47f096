//! Programs that the tests start: `bash`, and in it `monty-host`.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use crate::support::root;

pub const MONTY_HOST: &str = env!("CARGO_BIN_EXE_monty-host");

/// What a command wrote, to both streams, and whether it succeeded.
pub struct Written {
    pub text: String,
    pub is_success: bool,
}

impl Written {
    /// The text as an error, if the command failed.
    pub fn into_result(self) -> Result<String, String> {
        match self.is_success {
            true => Ok(self.text),
            false => Err(self.text),
        }
    }
}

/// Runs a command line in a folder.
pub fn bash(line: &str, folder: &Path) -> Written {
    let script = format!("exec 2>&1\n{line}\n");
    written(program("bash", folder).args(["-c", &script]))
}

/// Runs `monty-host`.
pub fn monty_host(arguments: &[&str], folder: &Path) -> Written {
    written(program(MONTY_HOST, folder).args(arguments))
}

/// Compiles the interpreter and the type checker once, before all pages ask for them.
static COMPILED: LazyLock<()> = LazyLock::new(|| {
    let run = written(isolated(MONTY_HOST, &root()).args(["run", "--check", "-c", "1"]));
    assert!(run.is_success, "{}", run.text);
});

/// A program that finds `monty-host`, and nothing that the user of this machine has set.
pub fn program(name: &str, folder: &Path) -> Command {
    LazyLock::force(&COMPILED);
    isolated(name, folder)
}

fn isolated(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(name);
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_clear()
        .env("PATH", path())
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .env("MONTY_CACHE_DIR", compiled());
    command
}

pub fn written(command: &mut Command) -> Written {
    let Output {
        status,
        mut stdout,
        stderr,
    } = command.output().expect("the command starts");
    stdout.extend(stderr);
    Written {
        text: String::from_utf8_lossy(&stdout).into_owned(),
        is_success: status.success(),
    }
}

/// The folder of `monty-host`, and then those of this process.
fn path() -> OsString {
    let ours = Path::new(MONTY_HOST).parent().expect("it is in a folder");
    let others = env::var_os("PATH").unwrap_or_default();
    let folders = [ours.to_owned()].into_iter();
    env::join_paths(folders.chain(env::split_paths(&others))).expect("folders without colons")
}

/// Compiled code, beside that of the compositions.
fn compiled() -> PathBuf {
    match env::var_os("MONTY_CACHE_DIR") {
        Some(folder) => folder.into(),
        None => root().join("target/compiled/monty-host"),
    }
}
