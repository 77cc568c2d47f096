//! Sessions that outlive their process, in a store.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use monty_host::Error;

use crate::approvals::store::{Store, StoreError};
use crate::approvals::{ApprovalError, Keys};
use crate::code_mode::CodeMode;
use crate::conversation::Conversation;
use crate::suspended::inner_key;

/// The sessions of conversations in a [`Store`], encrypted: any replica goes on
/// with one, and of two that do so at the same time one is told.
///
/// By default, a session is kept for 30 days after it was last saved.
///
/// ```
/// use std::sync::Arc;
/// use monty_code_mode::approvals::Key;
/// use monty_code_mode::approvals::store::MemoryStore;
/// use monty_code_mode::{CodeMode, Sessions, Toolbox};
/// use monty_host::Monty;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let code_mode = CodeMode::new(&Monty::new()?, Toolbox::builder().build()?).await?;
/// let sessions = Sessions::new(Arc::new(MemoryStore::new()), Key::generate()?);
/// let mut conversation = sessions.open(&code_mode, "chat-17").await?;
/// conversation.run("rows = [3, 1, 2]").await;
/// sessions.save("chat-17", &mut conversation).await?;
///
/// // Later, in another process.
/// let mut conversation = sessions.open(&code_mode, "chat-17").await?;
/// assert_eq!(conversation.run("sorted(rows)").await.text(), "[1, 2, 3]");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Sessions {
    store: Arc<dyn Store>,
    keys: Keys,
    time_to_live: Duration,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sessions")
            .field("keys", &self.keys)
            .field("time_to_live", &self.time_to_live)
            .finish_non_exhaustive()
    }
}

/// Expired entries that are removed with each session that is saved.
const REMOVED_AT_ONCE: usize = 16;

impl Sessions {
    /// Sessions in a store, encrypted with the first of the keys.
    pub fn new(store: Arc<dyn Store>, keys: impl Into<Keys>) -> Self {
        Self {
            store,
            keys: keys.into(),
            time_to_live: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }

    /// How long a session is kept after it was last saved.
    #[must_use]
    pub fn time_to_live(mut self, time_to_live: Duration) -> Self {
        self.time_to_live = time_to_live;
        self
    }

    /// The conversation of this id as it was last saved, or a new one with a
    /// session.
    ///
    /// # Errors
    ///
    /// If the store fails, or what it has was changed, is of a key that is not
    /// among these, or is of another version of the interpreter.
    pub async fn open(&self, code_mode: &CodeMode, id: &str) -> Result<Conversation, SessionError> {
        let key = entry_key(id);
        let mut conversation = code_mode.conversation().session();
        if let Some(entry) = self.store.get(&key).await? {
            let bytes = self.keys.open(key.as_bytes(), &entry.value)?;
            conversation = conversation.restore(&bytes, &inner_key()?).await?;
            conversation.version = Some(entry.version);
        }
        Ok(conversation)
    }

    /// Saves the session of a conversation. One that has run no script is not
    /// saved.
    ///
    /// # Errors
    ///
    /// If the session has ended, or the store fails. Also if another replica has
    /// saved a session of this id since this one was opened: the conversation
    /// has gone on there, and what this one did is not saved.
    pub async fn save(
        &self,
        id: &str,
        conversation: &mut Conversation,
    ) -> Result<(), SessionError> {
        let Some(bytes) = conversation.dump(&inner_key()?).await? else {
            return Ok(());
        };
        let key = entry_key(id);
        let sealed = self.keys.seal(key.as_bytes(), &bytes)?;
        let expires = SystemTime::now() + self.time_to_live;
        self.store.remove_expired(REMOVED_AT_ONCE).await?;
        let expected = conversation.version;
        let written = self.store.replace(&key, expected, &sealed, expires).await?;
        let version = written.ok_or(SessionError(Cause::Conflict))?;
        conversation.version = Some(version);
        Ok(())
    }

    /// Forgets a session.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn remove(&self, id: &str) -> Result<(), SessionError> {
        Ok(self.store.remove(&entry_key(id)).await?)
    }
}

fn entry_key(id: &str) -> String {
    format!("session/{id}")
}

/// Why a session was not opened or saved.
#[derive(Debug)]
pub struct SessionError(Cause);

#[derive(Debug)]
enum Cause {
    Conflict,
    Store(StoreError),
    Sealed(ApprovalError),
    Session(Error),
}

impl SessionError {
    /// Whether another replica has saved the session since.
    pub fn is_conflict(&self) -> bool {
        matches!(self.0, Cause::Conflict)
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Conflict => formatter.write_str(
                "another replica has gone on with this session: open it again, and run the script there",
            ),
            Cause::Store(error) => write!(formatter, "the store of sessions: {error}"),
            Cause::Sealed(error) => write!(formatter, "the saved session: {error}"),
            Cause::Session(error) => write!(formatter, "the session: {error}"),
        }
    }
}

impl std::error::Error for SessionError {}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        Self(Cause::Store(error))
    }
}

impl From<ApprovalError> for SessionError {
    fn from(error: ApprovalError) -> Self {
        Self(Cause::Sealed(error))
    }
}

impl From<Error> for SessionError {
    fn from(error: Error) -> Self {
        Self(Cause::Session(error))
    }
}
