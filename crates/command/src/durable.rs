//! Scripts that are suspended into files, and go on from them.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use monty_host::{Answers, Call, Error, Host, Progress, Snapshot, SnapshotKey, ToolError, Value};
use rand::TryRng;
use rand::rngs::SysRng;

use crate::arguments::{Raise, ResumeArguments, SuspendArguments, ToCall};
use crate::console::{Console, excerpt};
use crate::output::{self, Form};
use crate::process;
use crate::tool::Functions;

/// The environment variable with the key.
pub const KEY_VARIABLE: &str = "MONTY_SNAPSHOT_KEY";

/// The largest snapshot that is read.
const MAX_SNAPSHOT_BYTES: u64 = 1 << 30;

/// The largest key that is read: a device has no end.
const MAX_KEY_BYTES: u64 = 64 << 10;

/// Where snapshots are written, and the key that they are signed with.
pub struct SnapshotStore {
    directory: PathBuf,
    key: SnapshotKey,
    /// The file of the key, for the line that says how to resume.
    key_file: Option<PathBuf>,
}

/// A suspended script in a file.
pub struct Saved<'a> {
    pub path: PathBuf,
    pub calls: &'a [Call],
    key_file: Option<&'a Path>,
}

impl SnapshotStore {
    /// A store in a directory, which may be one to come.
    pub fn new(
        directory: PathBuf,
        arguments: &SuspendArguments,
        key: KeyUse,
    ) -> Result<Self, Error> {
        Ok(Self {
            directory,
            key: arguments.key(key)?,
            key_file: arguments.key_file.clone(),
        })
    }

    /// Makes the directory if there is none, and tries to write in it: a script
    /// that cannot be kept should not begin.
    pub fn make_directory(&self) -> Result<(), Error> {
        let refused = |what, error| {
            Error::invalid(format_args!(
                "cannot {what} the directory {}: {error}; name another one with --suspend-dir",
                self.directory.display()
            ))
        };
        std::fs::create_dir_all(&self.directory).map_err(|error| refused("make", error))?;
        let trial = self.directory.join(format!(".{}.trial", unique_name()?));
        create_private(&trial)
            .and_then(|_| std::fs::remove_file(&trial))
            .map_err(|error| refused("write in", error))
    }

    /// Writes a snapshot to a new file that only its owner can read.
    pub fn save<'a>(&'a self, snapshot: &Snapshot, calls: &'a [Call]) -> Result<Saved<'a>, Error> {
        let bytes = snapshot.to_bytes(&self.key)?;
        let name = unique_name()?;
        let path = self.directory.join(format!("{name}.snapshot"));
        // Under another name until it is whole: whoever watches the directory
        // finds no half of one.
        let partial = self.directory.join(format!(".{name}.partial"));
        let written = create_private(&partial)
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(&partial, &path));
        if let Err(error) = written {
            // What is left of it is of no use to anybody.
            let _ = std::fs::remove_file(&partial);
            return Err(Error::invalid(format_args!(
                "cannot write the snapshot {}: {error}",
                path.display()
            )));
        }
        Ok(Saved {
            path,
            calls,
            key_file: self.key_file.as_deref(),
        })
    }

    fn load(&self, path: &Path) -> Result<Snapshot, Error> {
        let shown = path.display();
        let unreadable =
            |error| Error::invalid(format_args!("cannot read the snapshot {shown}: {error}"));
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        // Opening a pipe would wait for somebody to write to it.
        if !metadata.is_file() {
            return Err(Error::invalid(format_args!(
                "{shown} is not a regular file: name the file that `run --suspend-dir` wrote"
            )));
        }
        let length = metadata.len();
        if length > MAX_SNAPSHOT_BYTES {
            return Err(Error::invalid(format_args!(
                "{shown} has {length} bytes; a snapshot has at most {MAX_SNAPSHOT_BYTES}: name the file that `run --suspend-dir` wrote"
            )));
        }
        let mut bytes = Vec::new();
        // It may grow meanwhile.
        File::open(path)
            .and_then(|file| file.take(MAX_SNAPSHOT_BYTES).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        Snapshot::from_bytes(&bytes, &self.key)
            .map_err(|error| Error::invalid(format_args!("{shown}: {error}")))
    }
}

/// A name that no other file has.
fn unique_name() -> Result<String, Error> {
    let mut unique = [0; 8];
    SysRng
        .try_fill_bytes(&mut unique)
        .map_err(|error| Error::invalid(format_args!("no random numbers: {error}")))?;
    Ok(format!("{:016x}", u64::from_be_bytes(unique)))
}

/// A new file that only its owner can read and write.
fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl SuspendArguments {
    /// Adds the functions whose every call suspends.
    pub fn add_to(&self, functions: Functions) -> Functions {
        functions
            .suspending(&self.functions, false)
            .suspending(&self.async_functions, true)
            .may_suspend(true)
    }

    fn key(&self, to: KeyUse) -> Result<SnapshotKey, Error> {
        let advice = match to {
            KeyUse::Sign => {
                "make one with `head -c 32 /dev/urandom > key`, and name it with --snapshot-key-file key"
            }
            KeyUse::Check => "name the file of the key that signed it with --snapshot-key-file",
        };
        let secret = match (&self.key_file, std::env::var_os(KEY_VARIABLE)) {
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

/// What a key is for.
#[derive(Clone, Copy)]
pub enum KeyUse {
    /// For the first snapshot of a script: any key will do.
    Sign,
    /// For a snapshot that was signed: only the same key will do.
    Check,
}

/// `monty-host resume`.
pub async fn resume(arguments: ResumeArguments) -> u8 {
    match start(arguments).await {
        Ok((progress, store, form)) => output::ended(progress, Some(&store), form),
        Err(error) => output::failed(output::code(&error), &error),
    }
}

/// Goes on with the script. An error of what was asked for comes before the
/// script's own.
async fn start(
    arguments: ResumeArguments,
) -> Result<(Result<Progress, Error>, SnapshotStore, Form), Error> {
    let beside = || arguments.snapshot.parent().map(Path::to_owned);
    let directory = arguments.suspend_dir.clone().or_else(beside);
    let key = KeyUse::Check;
    let store = SnapshotStore::new(directory.unwrap_or_default(), &arguments.suspend, key)?;
    let snapshot = store.load(&arguments.snapshot)?;
    let form = Form {
        json: arguments.json,
        output_bytes: snapshot.limits().output_bytes,
    };
    let system = arguments.reach.system()?;
    let functions = arguments
        .suspend
        .add_to(arguments.reach.functions())
        .check()?;
    let monty = arguments.reach.monty()?;
    let waiting = monty.suspended_calls(&snapshot).await?;
    let answers = answers(&arguments.answers, &arguments.exceptions, &waiting)?;
    store.make_directory()?;
    if functions.have_commands() {
        process::end_with_signals(true).map_err(Error::invalid)?;
    }
    let mut host = Host::new()
        .external_call(std::sync::Arc::new(functions))
        .os(system);
    if !arguments.json {
        host = host.print(Console);
    }
    let resume = monty.resume(&snapshot, answers).host(host);
    Ok((resume.start().await, store, form))
}

/// The answers to the calls that a script waits for.
fn answers(
    values: &[ToCall<Value>],
    exceptions: &[ToCall<Raise>],
    waiting: &[Call],
) -> Result<Answers, Error> {
    if values.is_empty() && exceptions.is_empty() {
        return Err(Error::invalid(format_args!(
            "no answer: use --answer or --raise{}",
            listed(waiting)
        )));
    }
    let mut answered = Vec::new();
    let mut find = |id: Option<u32>| {
        let id = match (id, waiting) {
            (Some(id), _) if waiting.iter().any(|call| call.id == id) => id,
            (Some(id), _) => {
                return Err(Error::invalid(format_args!(
                    "the script does not wait for a call {id}{}",
                    listed(waiting)
                )));
            }
            (None, [call]) => call.id,
            (None, _) => {
                return Err(Error::invalid(format_args!(
                    "an answer without the number of its call: write ID=ANSWER{}",
                    listed(waiting)
                )));
            }
        };
        if answered.contains(&id) {
            return Err(Error::invalid(format_args!(
                "call {id} is answered more than once"
            )));
        }
        answered.push(id);
        Ok(id)
    };
    let mut answers = Answers::new();
    for ToCall { id, answer } in values {
        answers = answers.value(find(*id)?, answer.clone())?;
    }
    for ToCall { id, answer } in exceptions {
        let error = ToolError::new(answer.type_name.clone(), &answer.message);
        answers = answers.raise(find(*id)?, error);
    }
    Ok(answers)
}

fn listed(calls: &[Call]) -> String {
    let mut text = String::from("; the script waits for");
    for call in calls {
        let _ = write!(text, "\n  {}  {}", call.id, shown(call));
    }
    text
}

/// A call as Python would write it, in one line. The script chose the
/// arguments, and a person decides by them.
fn shown(call: &Call) -> String {
    let mut arguments: Vec<String> = call.positional.iter().map(excerpt).collect();
    let keyword = call.keyword.iter();
    arguments.extend(keyword.map(|(name, value)| format!("{}={}", excerpt(name), excerpt(value))));
    format!("{}({})", excerpt(&call.name), arguments.join(", "))
}

impl Saved<'_> {
    /// The command that goes on from the file.
    pub fn command(&self) -> String {
        let mut command = format!("monty-host resume {}", output::quoted(&self.path));
        if let Some(path) = self.key_file {
            let _ = write!(command, " --snapshot-key-file {}", output::quoted(path));
        }
        match self.calls {
            [_] => command.push_str(" --answer JSON"),
            calls => calls.iter().for_each(|call| {
                let _ = write!(command, " --answer {}=JSON", call.id);
            }),
        }
        command
    }

    /// What a user reads.
    pub fn message(&self) -> String {
        let calls = match self.calls {
            [_] => "a call",
            _ => "calls",
        };
        let mut text = format!("suspended: the script waits for {calls}\n");
        for call in self.calls {
            let _ = writeln!(text, "  {}  {}", call.id, shown(call));
        }
        let _ = write!(
            text,
            "go on, with what else the script reaches (--tool, --suspend, --mount, --env):\n  {}\n",
            self.command()
        );
        text
    }
}
