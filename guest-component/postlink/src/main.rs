//! Rewrites the linked component, so that wasmtime runs it faster.
//!
//! `postlink COMPONENT OUTPUT`
//!
//! Short copies of memory stay in WebAssembly ([`copies`]), and imports are called
//! through the main module's table ([`imports`]). Everything else stays as it is, but
//! for the padding that the linker leaves in numbers: the output is smaller.

mod copies;
mod imports;

use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postlink: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(input), Some(output), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: postlink COMPONENT OUTPUT".into());
    };
    let component = std::fs::read(input)?;
    let (component, calls) = copies::into_calls(&component)?;
    println!("{calls} copies and fills became calls");
    let (component, moved) = imports::into_table(&component)?;
    println!("{moved} imports are in the module's own table");
    std::fs::write(output, component)?;
    Ok(())
}
