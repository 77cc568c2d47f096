//! `monty-host check`.

use std::path::Path;

use monty_host::check::{CheckLimits, Checker, Declarations};
use monty_host::{Error, Host};

use crate::arguments::CheckArguments;
use crate::exit::{LIMIT, SCRIPT, SUCCESS};
use crate::output;
use crate::run;
use crate::tool::Functions;

pub async fn check(arguments: CheckArguments) -> u8 {
    match checked(arguments).await {
        Ok(code) => code,
        Err(error) => output::failed(output::code(&error), &error),
    }
}

async fn checked(arguments: CheckArguments) -> Result<u8, Error> {
    let (name, source) = run::source(arguments.file.as_deref(), arguments.code.as_deref())?;
    let functions = Functions::new()
        .tools(&arguments.tools, false)
        .tools(&arguments.async_tools, true);
    let mut declarations = declared(arguments.stubs.as_deref())?;
    for input in &arguments.inputs {
        declarations = declarations.with_value(&input.name, &input.value);
    }
    let mut limits = CheckLimits::default();
    if let Some(duration) = arguments.max_duration {
        limits = limits.with_duration(duration);
    }
    let check = checker()?.check(source).name(name).limits(limits);
    let check = check.host(Host::new().tools(&functions.into_tools()?));
    let found = check.declarations(declarations).run().await?;
    let written = output::write_out(&found.render(arguments.format));
    Ok(match found.errors().next() {
        _ if written != SUCCESS => written,
        Some(_) => SCRIPT,
        None if found.not_checked().is_some() => LIMIT,
        None => SUCCESS,
    })
}

/// What a file of stubs declares.
pub fn declared(stubs: Option<&Path>) -> Result<Declarations, Error> {
    let Some(path) = stubs else {
        return Ok(Declarations::new());
    };
    let stubs = std::fs::read_to_string(path).map_err(|error| {
        let shown = path.display();
        Error::invalid(format_args!(
            "cannot read the stubs {shown}: {error}; name a file with --stubs"
        ))
    })?;
    Ok(Declarations::new().with_stubs(&stubs))
}

/// The embedded checker.
fn checker() -> Result<Checker, Error> {
    Checker::builder().build()
}
