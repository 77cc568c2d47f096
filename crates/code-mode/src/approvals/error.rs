//! Why something around an approval failed.

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use super::purpose::Purpose;
use super::store::StoreError;

/// Why a token was not made or not opened.
///
/// The text is for the program's operator or its user. It holds no key, no
/// token and nothing of what a token holds.
pub struct ApprovalError(Box<Inner>);

struct Inner {
    kind: ApprovalErrorKind,
    message: String,
    expired: Option<SystemTime>,
}

/// The kinds of [`ApprovalError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApprovalErrorKind {
    /// Not a token, or not as it was sealed; the same for
    /// [bytes](super::Keys::open).
    Changed,
    /// It was sealed by another version of this crate.
    Version,
    /// It was sealed with a key that this process does not have.
    UnknownKey,
    /// The token belongs to another principal.
    Principal,
    /// The token's time is over.
    Expired,
    /// The token was opened before, and can be opened once.
    Used,
    /// What belongs to the token is no longer in the store.
    Missing,
    /// A token, or what it holds, is larger than allowed.
    TooLarge,
    /// The decisions are not those that the token waits for.
    Decision,
    /// The program's own request is invalid: a key, a principal, a call.
    Request,
    /// The store failed or was tampered with, or a token needs one and there is
    /// none.
    Store,
    /// The operating system has no random numbers.
    Random,
}

impl ApprovalError {
    fn new(kind: ApprovalErrorKind, message: impl fmt::Display) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.to_string(),
            expired: None,
        }))
    }

    pub(super) fn changed(what: Purpose, how: &str) -> Self {
        let (kind, advice) = match what {
            Purpose::Token => (ApprovalErrorKind::Changed, "; ask for a new approval"),
            // Whoever has the token cannot help it.
            Purpose::Content => (ApprovalErrorKind::Store, "; ask for a new approval"),
            Purpose::Blob => (ApprovalErrorKind::Changed, ""),
        };
        Self::new(kind, format_args!("{what} is not valid: {how}{advice}"))
    }

    pub(super) fn version(what: Purpose, found: u8, read: u8) -> Self {
        let age = if found < read { "an older" } else { "a newer" };
        Self::new(
            ApprovalErrorKind::Version,
            format_args!(
                "{what} was sealed by {age} version of monty-code-mode (layout {found}; this one reads {read}): open it with that version"
            ),
        )
    }

    pub(super) fn unknown_key(
        what: Purpose,
        id: impl fmt::Display,
        known: impl fmt::Display,
    ) -> Self {
        Self::new(
            ApprovalErrorKind::UnknownKey,
            format_args!(
                "{what} was sealed with key {id}, and this process has {known}: add that key with Keys::opens"
            ),
        )
    }

    pub(super) fn principal() -> Self {
        Self::new(
            ApprovalErrorKind::Principal,
            "the approval token belongs to another principal",
        )
    }

    pub(super) fn expired(at: SystemTime, now: SystemTime) -> Self {
        let ago = now.duration_since(at).unwrap_or_default();
        let mut error = Self::new(
            ApprovalErrorKind::Expired,
            format_args!(
                "the approval token expired {} ago: ask for a new approval",
                Span(ago)
            ),
        );
        error.0.expired = Some(at);
        error
    }

    pub(super) fn used() -> Self {
        Self::new(
            ApprovalErrorKind::Used,
            "the approval token was used already, and its script was continued",
        )
    }

    pub(super) fn missing() -> Self {
        Self::new(
            ApprovalErrorKind::Missing,
            "what the approval token belongs to is no longer in the store: ask for a new approval, and see that all replicas have the same store",
        )
    }

    pub(super) fn too_large(message: impl fmt::Display) -> Self {
        Self::new(ApprovalErrorKind::TooLarge, message)
    }

    pub(super) fn decision(message: impl fmt::Display) -> Self {
        Self::new(ApprovalErrorKind::Decision, message)
    }

    pub(super) fn request(message: impl fmt::Display) -> Self {
        Self::new(ApprovalErrorKind::Request, message)
    }

    pub(super) fn no_store(why: &str) -> Self {
        Self::new(
            ApprovalErrorKind::Store,
            format_args!(
                "{why}, and this process has no store: give it the store of the process that sealed it, with Approvals::store"
            ),
        )
    }

    pub(super) fn random(error: impl fmt::Display) -> Self {
        Self::new(
            ApprovalErrorKind::Random,
            format_args!("the operating system has no random numbers: {error}"),
        )
    }

    /// Its kind.
    pub fn kind(&self) -> ApprovalErrorKind {
        self.0.kind
    }

    /// When the token's time was over, if that is why.
    pub fn expired_at(&self) -> Option<SystemTime> {
        self.0.expired
    }

    /// Whether the token's time is over.
    pub fn is_expired(&self) -> bool {
        self.0.kind == ApprovalErrorKind::Expired
    }

    /// Whether the token was opened before.
    pub fn is_used(&self) -> bool {
        self.0.kind == ApprovalErrorKind::Used
    }

    /// Whether the fault lies with whoever presented the token or the
    /// decisions, rather than with this process or its store: a 4xx of a web
    /// server, not a 5xx.
    pub fn is_rejection(&self) -> bool {
        match self.0.kind {
            ApprovalErrorKind::Changed
            | ApprovalErrorKind::Version
            | ApprovalErrorKind::UnknownKey
            | ApprovalErrorKind::Principal
            | ApprovalErrorKind::Expired
            | ApprovalErrorKind::Used
            | ApprovalErrorKind::Missing
            | ApprovalErrorKind::TooLarge
            | ApprovalErrorKind::Decision => true,
            ApprovalErrorKind::Request | ApprovalErrorKind::Store | ApprovalErrorKind::Random => {
                false
            }
        }
    }
}

impl From<StoreError> for ApprovalError {
    fn from(error: StoreError) -> Self {
        Self::new(
            ApprovalErrorKind::Store,
            format_args!("the store of approvals failed: {error}"),
        )
    }
}

impl fmt::Display for ApprovalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl fmt::Debug for ApprovalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApprovalError")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .finish_non_exhaustive()
    }
}

impl Error for ApprovalError {}

/// A time in its two largest units.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
        match (days, hours, minutes) {
            (0, 0, 0) => write!(formatter, "{seconds} s"),
            (0, 0, _) => write!(formatter, "{minutes} min {} s", seconds % 60),
            (0, _, _) => write!(formatter, "{hours} h {} min", minutes % 60),
            _ => write!(formatter, "{days} d {} h", hours % 24),
        }
    }
}
