//! Whose a token is.

use std::fmt;

use sha2::{Digest, Sha256};

use super::error::ApprovalError;

/// Whose a token is: whatever the program tells its users apart by, such as
/// the tenant, the user and the conversation.
///
/// It comes from the program's own authentication, never from the request that
/// carries the token. A token holds a digest of it.
///
/// ```
/// use monty_code_mode::approvals::Principal;
///
/// let principal = Principal::new(["acme", "ada", "conversation 7"])?;
/// assert_ne!(principal, Principal::new(["acme", "adac", "onversation 7"])?);
/// assert!(Principal::new(["acme", ""]).is_err());
/// # Ok::<_, monty_code_mode::approvals::ApprovalError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Principal([u8; 32]);

impl Principal {
    /// A principal of one or more parts.
    ///
    /// # Errors
    ///
    /// If there are none, or one is empty: a name that was never set would
    /// otherwise be everybody's.
    pub fn new<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Result<Self, ApprovalError> {
        let mut digest = Sha256::new();
        let mut count = 0_usize;
        for part in parts {
            let part = part.as_ref();
            if part.is_empty() {
                return Err(ApprovalError::request(format_args!(
                    "part {} of the principal is empty: a token would belong to everyone without it",
                    count + 1
                )));
            }
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
            count += 1;
        }
        if count == 0 {
            return Err(ApprovalError::request(
                "a principal has at least one part, such as a user's name",
            ));
        }
        Ok(Self(digest.finalize().into()))
    }

    pub(super) fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Principal(")?;
        super::write_hex(formatter, self.0.get(..4).unwrap_or_default())?;
        formatter.write_str("…)")
    }
}
