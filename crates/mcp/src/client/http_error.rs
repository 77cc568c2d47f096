//! Errors of HTTP in words of the configuration.

use rmcp::transport::streamable_http_client::StreamableHttpError;

use super::text;

/// The longest text of an error, in characters.
const MAX_ERROR: usize = 500;

/// What went wrong with a request, and what to do.
pub(super) fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let Some(error) = error.downcast_ref::<StreamableHttpError<reqwest::Error>>() else {
        return format!("it cannot be reached: {}", causes(error));
    };
    match error {
        StreamableHttpError::AuthRequired(_) => {
            "it asks for authorization (HTTP 401): pass a token in `headers`".to_owned()
        }
        StreamableHttpError::InsufficientScope(_) => {
            "the token in `headers` does not allow this (HTTP 403)".to_owned()
        }
        StreamableHttpError::UnexpectedContentType(kind) => format!(
            "its answer is `{}` and not MCP: see whether the address is right",
            text::line(kind.as_deref().unwrap_or("of no type"), 100)
        ),
        StreamableHttpError::HttpStatus(status) => format!("it answered HTTP {}", status.status),
        StreamableHttpError::UnexpectedServerResponse(response) => {
            let response = text::line(response, MAX_ERROR);
            let response = response.trim_end_matches(':');
            match response.starts_with("HTTP 3") {
                true => format!(
                    "it answered {response}: redirects to elsewhere are not followed, so give the address that it leads to"
                ),
                false => format!("it answered {response}"),
            }
        }
        StreamableHttpError::ResponseBodyTooLarge { max_size } => {
            format!(
                "its answer has more than {max_size} bytes, which is `maxMessage`: ask for less"
            )
        }
        StreamableHttpError::Client(error) => {
            // People write keys into addresses.
            let address = error.url().map(|url| format!(" for url ({url})"));
            let causes = causes(error);
            let causes = address.map_or(causes.clone(), |address| causes.replace(&address, ""));
            format!("it cannot be reached: {causes}")
        }
        error => format!("it cannot be reached: {}", causes(error)),
    }
}

/// Whether there was no connection, so that nothing was sent.
pub(super) fn is_unreached(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<StreamableHttpError<reqwest::Error>>();
    matches!(error, Some(StreamableHttpError::Client(error)) if error.is_connect())
}

/// An error with those behind it, each once.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !message.contains(&cause_text) {
            message.push_str(": ");
            message.push_str(&cause_text);
        }
        source = cause.source();
    }
    text::line(&message, MAX_ERROR)
}
