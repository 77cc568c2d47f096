//! Python values as the WIT package `monty:sandbox` carries them.
//!
//! - [`types`]: the boundary types, shared by the guest's and the host's bindings.
//! - [`graph`]: the codec of the columns.
//!
//! | feature | default | |
//! |---|---|---|
//! | `object` | yes | `Value`, with serde, JSON and Python's `repr`; without it, the boundary types and the codec |
//! | `wasmtime` | no | the boundary types as wasmtime's component types |

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod graph;
pub mod types;

mod object_id;
mod traceback;

#[cfg(feature = "object")]
mod convert;
#[cfg(feature = "object")]
mod de;
#[cfg(feature = "object")]
mod decimal;
#[cfg(feature = "object")]
mod decode;
#[cfg(feature = "object")]
mod encode;
#[cfg(feature = "object")]
mod error;
#[cfg(feature = "object")]
mod iso;
#[cfg(feature = "object")]
mod json;
#[cfg(feature = "object")]
mod objects;
#[cfg(feature = "object")]
mod passage;
#[cfg(feature = "object")]
mod repr;
#[cfg(feature = "object")]
mod ser;
#[cfg(feature = "object")]
mod serde_impls;
#[cfg(feature = "object")]
mod shape;
#[cfg(feature = "object")]
mod text_cache;
#[cfg(feature = "object")]
mod time;
#[cfg(feature = "object")]
mod value;
#[cfg(feature = "object")]
mod walk;

pub use object_id::ParseObjectIdError;
pub use types::ObjectId;

#[cfg(feature = "object")]
pub use {
    de::from_value,
    decimal::Decimal,
    decode::Decoder,
    encode::{Encoder, to_message},
    error::Error,
    json::AsJson,
    num_bigint::BigInt,
    objects::{Class, Dict, Instance, Module, NamedTuple},
    repr::is_printable,
    ser::to_value,
    types::{
        Complex, Date, Datetime as DateTime, Exception, File, Function, Time,
        Timedelta as TimeDelta, Timezone as TimeZone,
    },
    value::Value,
};
