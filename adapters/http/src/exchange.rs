//! Reads requests and sends responses.

use std::io::Write;

use monty_document::Written;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::StreamError;

use crate::refusal;

/// Bytes in one read of a body.
const CHUNK_BYTES: u64 = 64 << 10;

/// The length of a media type that an error quotes.
const MEDIA_TYPE_CHARACTERS: usize = 100;

/// The content of a response.
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
}

impl Answer {
    /// Plain text.
    pub fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type", "text/plain; charset=utf-8")],
            body: text.as_bytes().to_vec(),
        }
    }

    /// The document of a run.
    pub fn json(status: u16, document: Written) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json")],
            body: document.text.into_bytes(),
        }
    }

    /// A JSON Schema.
    pub fn schema(schema: &str) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "application/schema+json")],
            body: schema.as_bytes().to_vec(),
        }
    }

    /// The response with one more header.
    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// Checks that the content type of a request is JSON. An error is the response
/// to send.
pub fn check_content_type(request: &IncomingRequest) -> Result<(), Answer> {
    let found = match header(request, "content-type") {
        None => "the request has no content type".to_owned(),
        Some(value) => {
            let media_type = value.split(';').next().unwrap_or_default().trim();
            if media_type.eq_ignore_ascii_case("application/json") {
                return Ok(());
            }
            let shown = media_type.chars().take(MEDIA_TYPE_CHARACTERS);
            format!("the content type is `{}`", shown.collect::<String>())
        }
    };
    Err(refusal(
        415,
        format!("{found}: send the header `content-type: application/json`"),
    ))
}

fn header(request: &IncomingRequest, name: &str) -> Option<String> {
    let values = request.headers().get(name);
    let first = values.into_iter().next()?;
    Some(String::from_utf8_lossy(&first).into_owned())
}

/// The body of a request, unless it is too long. An error is the response to
/// send.
pub fn read(request: IncomingRequest, max_bytes: u64) -> Result<Vec<u8>, Answer> {
    let too_large = || {
        refusal(
            413,
            format!("the body has more than {max_bytes} bytes, the value of MONTY_MAX_BODY"),
        )
    };
    let declared = header(&request, "content-length").and_then(|text| text.parse::<u64>().ok());
    if declared.is_some_and(|bytes| bytes > max_bytes) {
        return Err(too_large());
    }
    let broken = || refusal(400, "the body broke off");
    let body = request.consume().map_err(|()| broken())?;
    let stream = body.stream().map_err(|()| broken())?;
    let mut read = Vec::new();
    loop {
        match stream.blocking_read(CHUNK_BYTES) {
            Ok(chunk) => read.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(read),
            Err(StreamError::LastOperationFailed(_)) => return Err(broken()),
        }
        if read.len() as u64 > max_bytes {
            return Err(too_large());
        }
    }
}

/// Sends a response. If the client is gone, the failure is ignored.
pub fn send(response: ResponseOutparam, answer: &Answer) {
    let headers = Fields::new();
    for (name, value) in &answer.headers {
        // These names and values are this component's own, and valid.
        let _ = headers.append(name, value.as_bytes());
    }
    let message = OutgoingResponse::new(headers);
    let _ = message.set_status_code(answer.status);
    let body = message.body();
    ResponseOutparam::set(response, Ok(message));
    if let Ok(body) = body {
        if let Ok(mut stream) = body.write() {
            let _ = stream.write_all(&answer.body);
            let _ = stream.blocking_flush();
        }
        let _ = OutgoingBody::finish(body, None);
    }
}
