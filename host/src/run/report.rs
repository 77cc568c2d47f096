//! The result of a run.

use monty_value::Value;
use serde::de::DeserializeOwned;

use super::snapshot::Snapshot;
use crate::check::Diagnostics;
use crate::error::Error;
use crate::print::Printed;
use crate::statistics::Statistics;
use crate::tools::Call;

/// How far a script, or a snippet of a session, has come.
#[derive(Clone, Debug)]

pub enum Progress {
    /// It ran to its end.
    Finished(Report),
    /// It waits for answers that come later: a tool returned
    /// [`ToolError::suspend`](crate::ToolError::suspend).
    Suspended(Suspension),
}

impl Progress {
    /// The report of a completed run.
    ///
    /// # Errors
    ///
    /// If the run is suspended; the message names the calls.
    pub fn finished(self) -> Result<Report, Error> {
        match self {
            Self::Finished(report) => Ok(report),
            Self::Suspended(suspension) => {
                let names: Vec<&str> = suspension
                    .calls
                    .iter()
                    .map(|call| call.name.as_str())
                    .collect();
                Err(Error::request(format_args!(
                    "the script is suspended in {}; `start()` instead of `run()` gives a snapshot to resume it from",
                    names.join(", ")
                )))
            }
        }
    }
}

/// A suspended script or snippet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Suspension {
    /// The calls it waits for, in the order they were made.
    pub calls: Vec<Call>,
    /// The snapshot to resume, here or elsewhere, with answers.
    pub snapshot: Snapshot,
    /// The prints so far, if no other sink was given.
    pub printed: Printed,
    /// The usage so far.
    pub statistics: Statistics,
}

/// The result of a run.
///
/// ```
/// use std::collections::HashMap;
///
/// let script = "print('counting')\n{word: len(word) for word in ['a', 'bb']}";
/// let report = monty_host::Monty::new()?.script(script).run_blocking()?;
/// assert_eq!(report.printed.to_string(), "counting\n");
/// assert_eq!(report.value.to_string(), "{'a': 1, 'bb': 2}");
/// let lengths: HashMap<String, usize> = report.extract()?;
/// assert_eq!(lengths["bb"], 2);
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The value of the last line if that is an expression, or `None`.
    pub value: Value,
    /// The prints of the script, if no other sink was given.
    pub printed: Printed,
    /// The usage of the run.
    pub statistics: Statistics,
    /// What the type checker advises, if the run was
    /// [checked](crate::Script::checked).
    pub diagnostics: Diagnostics,
}

impl Report {
    /// The value as a Rust type.
    ///
    /// # Errors
    ///
    /// If the value does not fit the type; the message names the field.
    pub fn extract<T: DeserializeOwned>(self) -> Result<T, Error> {
        Ok(self.value.extract()?)
    }
}
