//! References to what stands elsewhere, for configurations that have more than servers.

use std::path::Path;

use super::reference::{self, Variables};
use super::secrets::Secrets;

/// Whether a text is a single reference, such as `${GITHUB_TOKEN}` or `${file:token}`, and
/// nothing else.
pub fn is_reference(text: &str) -> bool {
    let inner = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    inner.is_some_and(|inner| !inner.contains(['$', '{', '}'])) && reference::check(text).is_ok()
}

/// A text with the values in place of its references, as [`ServerConfig`](super::ServerConfig)
/// has them.
/// Relative paths start from the directory.
///
/// # Errors
///
/// If a variable is not set, a file cannot be read, or a reference is none: what is wrong,
/// without the values.
pub fn expand(
    text: &str,
    directory: &Path,
    variables: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> Result<String, String> {
    let variables = Variables {
        of: Box::new(variables),
        directory: directory.to_owned(),
        are_secrets: true,
    };
    reference::expand(text, &variables, &mut Secrets::default())
}
