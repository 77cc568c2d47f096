#![doc = include_str!("../README.md")]

mod document;
pub mod exit;
mod layout;
mod part;
mod tagged;
pub mod units;

pub use document::{
    Document, Failure, Outcome, Printed, Statistics, Suspended, Waiting, Written,
    exception_too_large, value_too_large,
};
pub use layout::Layout;
pub use part::shortened;
pub use tagged::Tagged;

/// The JSON Schema of the document, in the dialect 2020-12.
pub const SCHEMA: &str = include_str!("schema.json");
