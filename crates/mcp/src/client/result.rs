//! What a tool answered, as a value for the script and content for the model.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use monty_code_mode::{Attachment, ToolResult};
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
use serde_json::Value;

use super::secrets::Secrets;
use super::text;

/// The longest text of an error, in characters.
const MAX_ERROR: usize = 4_000;
/// The longest description of an attachment, in characters.
const MAX_DESCRIPTION: usize = 500;
/// The longest type of an attachment, in characters.
const MAX_TYPE: usize = 100;
/// The type of a list of addresses.
const URI_LIST: &str = "text/uri-list";

/// The result of a call, or the text of the error that the tool answered with.
pub(super) fn convert(
    result: CallToolResult,
    has_schema: bool,
    secrets: &Secrets,
) -> Result<ToolResult, String> {
    let mut texts = Vec::new();
    let mut attachments = Vec::new();
    for block in result.content {
        match block {
            ContentBlock::Text(content) => texts.push(secrets.hide(content.text)),
            block => attachments.extend(attachment(block, secrets)),
        }
    }
    if result.is_error == Some(true) {
        let said = match (texts.is_empty(), &result.structured_content) {
            (true, Some(value)) => secrets.hide(value.to_string()),
            _ => texts.join("\n"),
        };
        return Err(match said.trim().is_empty() {
            true => "it failed, and did not say why".to_owned(),
            false => text::lines(&said, MAX_ERROR),
        });
    }
    let value = match result.structured_content {
        Some(mut value) => {
            secrets.hide_json(&mut value);
            value
        }
        None if has_schema => {
            return Err(
                "it ran, but its result does not fit the schema that the tool gives for it: there is no structuredContent. \
                 The tool is at fault, not this script: do not call it again for another result"
                    .to_owned(),
            );
        }
        None => of_texts(texts),
    };
    let mut converted = ToolResult::new(value);
    converted.attachments = attachments;
    Ok(converted)
}

/// One text is a value, several are a list of values, and none is nothing.
fn of_texts(mut texts: Vec<String>) -> Value {
    match texts.len() {
        0 => Value::Null,
        1 => texts.pop().map_or(Value::Null, of_text),
        _ => Value::Array(texts.into_iter().map(of_text).collect()),
    }
}

/// Text that is a JSON object or array is that. What looks like a number, a
/// string or `null` can be a text as well, and stays one.
fn of_text(text: String) -> Value {
    let begins = text.trim_start().starts_with(['{', '[']);
    match begins.then(|| serde_json::from_str(&text)) {
        Some(Ok(value @ (Value::Object(_) | Value::Array(_)))) => value,
        _ => Value::String(text),
    }
}

fn attachment(block: ContentBlock, secrets: &Secrets) -> Option<Attachment> {
    let made = |mime_type: &str, data: Vec<u8>, description: Option<String>| {
        let attachment = Attachment::new(text::line(mime_type, MAX_TYPE), data);
        match description {
            Some(description) => {
                let description = text::line(&secrets.hide(description), MAX_DESCRIPTION);
                attachment.description(description)
            }
            None => attachment,
        }
    };
    // Data that is not base64 is kept as it is rather than lost.
    let decoded = |data: String| STANDARD.decode(&data).unwrap_or(data.into_bytes());
    match block {
        ContentBlock::Image(image) => Some(made(&image.mime_type, decoded(image.data), None)),
        ContentBlock::Audio(audio) => Some(made(&audio.mime_type, decoded(audio.data), None)),
        ContentBlock::Resource(embedded) => match embedded.resource {
            ResourceContents::TextResourceContents {
                uri,
                mime_type,
                text,
                ..
            } => {
                let mime_type = mime_type.as_deref().unwrap_or("text/plain");
                Some(made(mime_type, secrets.hide(text).into_bytes(), Some(uri)))
            }
            ResourceContents::BlobResourceContents {
                uri,
                mime_type,
                blob,
                ..
            } => {
                let mime_type = mime_type.as_deref().unwrap_or("application/octet-stream");
                Some(made(mime_type, decoded(blob), Some(uri)))
            }
            _ => None,
        },
        ContentBlock::ResourceLink(link) => {
            let title = link.title.unwrap_or(link.name);
            let description = match link.description {
                Some(description) => format!("{title}: {description}"),
                None => title,
            };
            Some(made(
                URI_LIST,
                secrets.hide(link.uri).into_bytes(),
                Some(description),
            ))
        }
        // Text is no attachment, and what else there may be is not known.
        _ => None,
    }
}
