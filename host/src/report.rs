//! What a run leaves behind.

use monty_value::Value;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::print::Printed;
use crate::statistics::Statistics;

/// The result of a run.
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
