//! What every script of a [`CodeMode`](crate::CodeMode) runs with.

use std::sync::Arc;

use monty_host::check::{CheckLimits, CheckRules};
use monty_host::os::Os;
use monty_host::{Limits, Monty, Options};

use crate::approvals::{Approvals, Principal};
use crate::table::Table;

/// The interpreter, and the settings of its scripts.
pub(crate) struct Engine {
    pub(crate) monty: Monty,
    pub(crate) table: Arc<Table>,
    pub(crate) limits: Limits,
    pub(crate) os: Option<Arc<dyn Os>>,
    pub(crate) options: Options,
    /// In characters.
    pub(crate) result_budget: usize,
    pub(crate) approvals: Option<(Approvals, Principal)>,
    /// How scripts are checked before they run, if they are.
    pub(crate) checks: Option<(CheckRules, CheckLimits)>,
}
