//! The cases that upstream tests Monty with, through the component and its
//! typed imports: one trial for each file of `test_cases/` in the crate
//! `monty`.

mod cases;
mod exceptions;
mod fixtures;
mod run;
mod source;
#[path = "../repository.rs"]
mod support;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use crate::cases::Case;
use crate::support::assert_snapshot;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = match trials() {
        Ok(trials) => trials,
        Err(message) => {
            eprintln!("upstream's cases cannot be run: {message}");
            return ExitCode::FAILURE;
        }
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials() -> Result<Vec<Trial>, String> {
    let cases: Vec<_> = source::read_all()?
        .into_iter()
        .map(|(name, text)| Case::new(name, text).map(Arc::new))
        .collect::<Result<_, _>>()?;
    exceptions::check_names(&cases)?;

    let all = cases.clone();
    let snapshot = Trial::test("exceptions", move || {
        assert_snapshot!("exceptions", exceptions::failures(&all));
        Ok(())
    });
    let each = cases.into_iter().map(|case| {
        Trial::test(case.name.clone(), move || {
            exceptions::judge(&case.name, run::check(&case)).map_err(Into::into)
        })
    });
    Ok(each.chain([snapshot]).collect())
}
