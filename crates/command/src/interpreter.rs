//! The interpreter that a command runs.

use std::io::IsTerminal;
use std::path::Path;

use monty_host::{CodeSource, Error, Monty};

use crate::console;

/// Instances to reserve: a script or a session, and one that looks at a
/// snapshot or at a line before it runs.
const INSTANCES: u32 = 2;

/// Starts the interpreter, from code that `monty-host compile` wrote or from the
/// component in this program.
pub fn start(precompiled: Option<&Path>) -> Result<Monty, Error> {
    start_for(precompiled, INSTANCES)
}

/// The same for this many instances at once.
pub fn start_for(precompiled: Option<&Path>, instances: u32) -> Result<Monty, Error> {
    let builder = Monty::builder()
        .concurrent_runs(instances)
        // The command has one run to answer, not the next one.
        .ready_instances(0)
        .on_compile(tell_a_person);
    let monty = match precompiled {
        None => builder.build(),
        // SAFETY: the option's help says what the file must be.
        Some(path) => unsafe { builder.build_precompiled(path) },
    }?;
    if let CodeSource::NotKept(reason) = monty.code_source() {
        console::err(format_args!(
            "warning: each start compiles the interpreter, which takes seconds: {reason}; `monty-host compile` does it once, for --precompiled\n"
        ));
    }
    Ok(monty)
}

/// Explains the wait. Nobody waits at a pipe, whose reader may take standard
/// error for the script's.
fn tell_a_person() {
    if std::io::stderr().is_terminal() {
        console::err(
            "compiling the interpreter for this machine, which takes some seconds the first time\n",
        );
    }
}
