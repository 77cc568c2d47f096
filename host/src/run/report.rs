//! What a run leaves behind.

use monty_value::Value;
use serde::de::DeserializeOwned;

use super::snapshot::Snapshot;
use crate::error::Error;
use crate::print::Printed;
use crate::statistics::Statistics;
use crate::tools::Call;

/// How far a script, or a piece of code of a session, has come.
#[derive(Clone, Debug)]

pub enum Progress {
    /// To its end.
    Finished(Report),
    /// To calls whose answers come later: a tool returned
    /// [`ToolError::suspend`](crate::ToolError::suspend).
    Suspended(Suspension),
}

impl Progress {
    /// The report of one that has come to its end.
    ///
    /// # Errors
    ///
    /// If it is suspended; the message names the calls.
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

/// What a script leaves behind that waits for answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Suspension {
    /// The calls that it waits for, in the order in which they were made.
    pub calls: Vec<Call>,
    /// The script, to be resumed with answers here or elsewhere.
    pub snapshot: Snapshot,
    /// What the script printed so far, if no other sink was given.
    pub printed: Printed,
    /// What the run used up so far.
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
    /// What the script printed, if no other sink was given.
    pub printed: Printed,
    /// What the run used up.
    pub statistics: Statistics,
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
