//! One client on standard input and output.

use std::fmt;
use std::sync::Arc;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::io::stdio_pipes;

use super::connection::Connection;
use super::shared::Shared;

/// The longest message of a client, in bytes.
const LONGEST_MESSAGE: usize = 8 * 1024 * 1024;

pub(super) async fn serve(shared: &Arc<Shared>) -> Result<(), StdioError> {
    let (input, output) = stdio_pipes();
    let transport = AsyncRwTransport::new_server(input, output);
    let transport = transport.with_max_line_length(LONGEST_MESSAGE);
    let connection = Connection::new(shared, |_| None, false);
    let service = match connection.serve(transport).await {
        Ok(service) => service,
        // Whoever leaves at once has left.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(StdioError(error.to_string())),
    };
    let ended = service.waiting().await;
    ended.map_err(|error| StdioError(error.to_string()))?;
    Ok(())
}

/// A client that does not speak MCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StdioError(String);

impl fmt::Display for StdioError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the client on standard input does not begin as MCP has it: {}",
            self.0
        )
    }
}

impl std::error::Error for StdioError {}
