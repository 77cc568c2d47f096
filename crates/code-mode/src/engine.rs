//! What every script of a [`CodeMode`](crate::CodeMode) runs with.

use std::sync::Arc;

use monty_host::check::{CheckLimits, CheckRules};
use monty_host::os::Os;
use monty_host::{Error, Host, Limits, Monty, Options};

use crate::approvals::{Approvals, Principal};
use crate::search::ToolIndex;
use crate::table::Table;

/// The interpreter, and the settings of its scripts.
pub(crate) struct Engine {
    pub(crate) monty: Monty,
    pub(crate) index: Arc<ToolIndex>,
    pub(crate) table: Arc<Table>,
    pub(crate) limits: Limits,
    pub(crate) os: OsSource,
    pub(crate) options: Options,
    /// In characters.
    pub(crate) result_budget: usize,
    pub(crate) approvals: Option<(Approvals, Principal)>,
    /// How scripts are checked before they run, if they are.
    pub(crate) checks: Option<(CheckRules, CheckLimits)>,
}

/// Where scripts have files, environment, clocks and randomness from.
#[derive(Clone, Default)]
pub(crate) enum OsSource {
    /// They have none.
    #[default]
    None,
    /// All have the same.
    Shared(Arc<dyn Os>),
    /// Each script by itself and each session has its own.
    Each(Arc<MakeOs>),
}

pub(crate) type MakeOs = dyn Fn() -> Result<Arc<dyn Os>, Error> + Send + Sync;

impl OsSource {
    pub(crate) fn add_to(&self, host: Host) -> Result<Host, Error> {
        Ok(match self {
            Self::None => host,
            Self::Shared(os) => host.shared_os(Arc::clone(os)),
            Self::Each(make) => host.shared_os(make()?),
        })
    }
}
