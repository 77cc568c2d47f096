//! Why a script did not go on.

use std::fmt;

use monty_host::Error;

use crate::approvals::ApprovalError;

/// Why a script did not go on. Nothing ran.
#[derive(Debug)]
#[non_exhaustive]
pub enum ResumeError {
    /// The token or the decisions are not valid.
    Approval(ApprovalError),
    /// The request is not possible here.
    Request(Error),
}

impl fmt::Display for ResumeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approval(error) => error.fmt(formatter),
            Self::Request(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for ResumeError {}

impl From<ApprovalError> for ResumeError {
    fn from(error: ApprovalError) -> Self {
        Self::Approval(error)
    }
}

impl From<Error> for ResumeError {
    fn from(error: Error) -> Self {
        Self::Request(error)
    }
}
