//! Code mode: a model writes one Python script that calls an agent's tools as
//! functions, and [`monty_host`] runs it in a sandbox.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod approvals;
mod excerpt;
mod statement;

#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use tokio_postgres;
