//! MCP over HTTP.

use std::collections::HashMap;
use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};
use reqwest::redirect::Policy;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use url::Url;

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// How much is read of a page that says what is wrong, in bytes.
const MAX_ERROR_BYTES: usize = 4 * 1024;

pub(super) type HttpTransport = StreamableHttpClientTransport<reqwest::Client>;

/// A transport to an address.
pub(super) fn transport(
    url: &Url,
    headers: HashMap<HeaderName, HeaderValue>,
    max_message: usize,
) -> Result<HttpTransport, String> {
    // The program may have chosen another one. If two threads do this at once,
    // one of them wins, and it does not matter which.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let client = reqwest::Client::builder()
        .redirect(same_origin())
        .connect_timeout(CONNECT_TIMEOUT)
        .build()
        .map_err(|error| format!("no HTTP client can be made: {error}"))?;
    let config = StreamableHttpClientTransportConfig::with_uri(url.as_str())
        .custom_headers(headers)
        .max_sse_event_size(max_message)
        .max_json_response_size(max_message)
        .max_error_response_size(MAX_ERROR_BYTES);
    Ok(StreamableHttpClientTransport::with_client(client, config))
}

/// Follows only redirects that keep the message, and only within the origin: the
/// headers hold secrets.
fn same_origin() -> Policy {
    Policy::custom(|attempt| {
        let keeps_message = matches!(
            attempt.status(),
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
        );
        let stays = attempt
            .previous()
            .first()
            .is_some_and(|first| first.origin() == attempt.url().origin());
        match keeps_message && stays && attempt.previous().len() <= MAX_REDIRECTS {
            true => attempt.follow(),
            false => attempt.stop(),
        }
    })
}
