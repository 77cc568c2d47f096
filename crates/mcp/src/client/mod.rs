//! MCP servers as Python modules.

mod changes;
mod config;
mod connection;
mod duration;
mod environment;
mod error;
mod handler;
mod http;
mod http_error;
mod keys;
mod listing;
mod observed;
mod process;
mod reference;
pub mod references;
mod resolve;
mod result;
mod secrets;
mod server;
mod servers;
mod status;
mod stdio;
mod text;
mod traffic;

pub use config::{
    DEFAULT_CALL_TIMEOUT, DEFAULT_MAX_MESSAGE, DEFAULT_START_TIMEOUT, ServerConfig, Transport,
};
pub use error::ConfigError;
pub use observed::Observed;
pub use servers::{Servers, ServersBuilder};
pub use status::{ServerState, ServerStatus};
