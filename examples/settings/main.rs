//! A directory of the host that a script reads and cannot change.

use std::path::Path;

use monty_host::os::{MountMode, System};
use monty_host::{Host, Monty};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/settings/config");
    let system = System::new().mount(config, "/config", MountMode::ReadOnly)?;

    let report = Monty::new()?
        .script(include_str!("script.py"))
        .host(Host::new().os(system))
        .run_blocking()?;

    print!("{}", report.printed);
    println!("{}", report.value);
    Ok(())
}
