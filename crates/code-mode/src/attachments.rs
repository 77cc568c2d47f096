//! Content that passes a script by, such as images: the script has a value that
//! stands for it, and the model gets what the script returns or shows.

use monty_host::{ToolError, Value};

use crate::schema::Attachment;

/// The name of the type of the values that stand for attachments.
const TYPE_NAME: &str = "Attachment";

/// The most that the tools of one script may attach, in bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What each counts beside its bytes and texts.
const EACH: usize = 256;

/// What the tools of a script returned besides values.
#[derive(Debug, Default)]
pub(crate) struct Attachments {
    kept: Vec<Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    attachment: Option<Attachment>,
    is_shown: bool,
}

impl Attachments {
    /// Keeps an attachment, and gives the value that stands for it.
    pub(crate) fn add(&mut self, attachment: Attachment) -> Value {
        let number = self.kept.len() + 1;
        let size = attachment.data.len();
        let described = attachment.description.clone();
        let texts = attachment.mime_type.len() + described.as_ref().map_or(0, String::len);
        let taken = size.saturating_add(texts).saturating_add(EACH);
        let fields = [
            ("id", Value::from(format!("attachment_{number}"))),
            ("mime_type", Value::from(attachment.mime_type.as_str())),
            ("size", Value::from(size)),
            ("description", described.map_or(Value::None, Value::from)),
        ];
        let fits = taken <= MOST_BYTES.saturating_sub(self.bytes);
        if fits {
            self.bytes += taken;
        }
        self.kept.push(Kept {
            attachment: fits.then_some(attachment),
            is_shown: false,
        });
        Value::named_tuple(TYPE_NAME, fields)
    }

    /// Marks an attachment for the model.
    pub(crate) fn show(&mut self, handle: &Value) -> Result<(), ToolError> {
        let kept = place(handle).and_then(|place| self.kept.get_mut(place));
        let Some(kept) = kept else {
            return Err(ToolError::type_error(
                "show() takes what a tool of this script returned as an Attachment",
            ));
        };
        if kept.attachment.is_none() {
            return Err(ToolError::value_error(format_args!(
                "the tools of this script attached more than {MOST_BYTES} bytes, and this was dropped"
            )));
        }
        kept.is_shown = true;
        Ok(())
    }

    /// Takes those that were shown, and those that the script's value holds.
    pub(crate) fn take_shown(&mut self, value: Option<&Value>) -> Vec<Attachment> {
        if self.kept.is_empty() {
            return Vec::new();
        }
        let mut looked_at = 0;
        if let Some(value) = value {
            self.mark(value, &mut looked_at);
        }
        let kept = std::mem::take(&mut self.kept);
        self.bytes = 0;
        kept.into_iter()
            .filter(|kept| kept.is_shown)
            .filter_map(|kept| kept.attachment)
            .collect()
    }

    fn mark(&mut self, value: &Value, looked_at: &mut usize) {
        *looked_at += 1;
        // An object that is held many times is looked at each time.
        if *looked_at > 10_000 {
            return;
        }
        if let Some(kept) = place(value).and_then(|place| self.kept.get_mut(place)) {
            kept.is_shown = true;
            return;
        }
        match value {
            Value::Dict(entries) => {
                for value in entries.values() {
                    self.mark(value, looked_at);
                }
            }
            value => {
                for item in value.items().unwrap_or_default() {
                    self.mark(item, looked_at);
                }
            }
        }
    }
}

/// The place of the attachment that a value stands for.
fn place(value: &Value) -> Option<usize> {
    let Value::NamedTuple(tuple) = value else {
        return None;
    };
    if tuple.type_name() != TYPE_NAME {
        return None;
    }
    let number = tuple.get("id")?.as_str()?.strip_prefix("attachment_")?;
    number.parse::<usize>().ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::{Attachments, MOST_BYTES};
    use crate::schema::Attachment;

    #[test]
    fn descriptions_count_too() {
        let mut attachments = Attachments::default();
        let long = "x".repeat(MOST_BYTES);
        let handle = attachments.add(Attachment::new("a/b", []).description(long));
        let error = attachments.show(&handle).unwrap_err();
        assert!(error.message().contains("this was dropped"), "{error:?}");
        let handle = attachments.add(Attachment::new("a/b", []));
        assert!(attachments.show(&handle).is_ok());
    }
}
