//! Results as content, in both directions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use monty_code_mode::{Attachment, Outcome, ToolResult};
use rig_core::message::{DocumentSourceKind, Image, ImageMediaType, MimeType, ToolResultContent};
use rig_core::tool::ToolOutput;
use serde_json::{Value, json};

/// The text and the attachments of an outcome.
pub(crate) fn of_outcome(outcome: &Outcome) -> Vec<ToolResultContent> {
    let mut content = vec![ToolResultContent::text(outcome.text())];
    content.extend(outcome.attachments.iter().map(of_attachment));
    content
}

/// An image, or what is said of something that rig's results cannot hold.
fn of_attachment(attachment: &Attachment) -> ToolResultContent {
    match ImageMediaType::from_mime_type(&attachment.mime_type) {
        Some(ty) => {
            ToolResultContent::image_base64(STANDARD.encode(&attachment.data), Some(ty), None)
        }
        None => {
            let size = attachment.data.len();
            let about = attachment
                .description
                .as_deref()
                .unwrap_or("no description");
            let ty = &attachment.mime_type;
            ToolResultContent::text(format!(
                "[An attachment that cannot be shown here: {ty}, {size} bytes, {about}]"
            ))
        }
    }
}

/// What a script and the model get of a rig tool's output.
pub(crate) fn to_result(output: ToolOutput) -> ToolResult {
    let mut values = Vec::new();
    let mut attachments = Vec::new();
    for block in output.into_content() {
        match block {
            ToolResultContent::Text(text) => values.push(Value::String(text.text)),
            ToolResultContent::Json { value } => values.push(value),
            ToolResultContent::Image(image) => match to_attachment(image) {
                Ok(attachment) => attachments.push(attachment),
                Err(reference) => values.push(reference),
            },
        }
    }
    let value = match values.len() {
        0 => Value::Null,
        1 => values.swap_remove(0),
        _ => Value::Array(values),
    };
    attachments
        .into_iter()
        .fold(ToolResult::new(value), ToolResult::attachment)
}

/// An image whose bytes are here, or a reference to one that is elsewhere.
fn to_attachment(image: Image) -> Result<Attachment, Value> {
    let ty = image.media_type.as_ref().map(MimeType::to_mime_type);
    let attachment = |data| Attachment::new(ty.unwrap_or("application/octet-stream"), data);
    match image.data {
        DocumentSourceKind::Raw(data) => Ok(attachment(data)),
        DocumentSourceKind::Base64(text) => match STANDARD.decode(&text) {
            Ok(data) => Ok(attachment(data)),
            Err(_) => Err(json!({ "image": "not base64" })),
        },
        DocumentSourceKind::Url(url) => Err(json!({ "image_url": url })),
        DocumentSourceKind::FileId(id) => Err(json!({ "image_file_id": id })),
        _ => Err(json!({ "image": "of unknown source" })),
    }
}
