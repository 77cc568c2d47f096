//! Seals, shows and opens.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::call::PendingCall;
use super::content;
use super::decision::{Decision, Decisions};
use super::envelope;
use super::error::ApprovalError;
use super::key::Keys;
use super::principal::Principal;
use super::purpose::Purpose;
use super::store::Store;
use super::token::{self, Header, Token, TokenId};

/// What a token leaves in the store stays there for longer than the token is
/// valid: a replica whose clock is late by less finds it.
const GRACE: Duration = Duration::from_secs(300);

/// A token waits no longer.
const MAX_TIME_TO_LIVE: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// Expired entries that are removed for each one that is added. A token adds
/// two at most.
const REMOVED_AT_ONCE: usize = 16;

/// Turns suspended scripts into tokens and back. By default:
///
/// - a token is valid for 24 hours;
/// - it has at most 65,536 characters, and what does not fit is an error;
/// - it holds at most 64 MiB before compression;
/// - without a store, it can be opened any number of times.
///
/// All replicas have the same keys, limits and store. Clones share the store.
#[derive(Clone)]
pub struct Approvals {
    keys: Keys,
    store: Option<Arc<dyn Store>>,
    is_reusable: bool,
    time_to_live: Duration,
    max_token_length: usize,
    max_content: usize,
}

/// A token that was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sealed {
    /// The token.
    pub token: Token,
    /// Its id, for logs.
    pub id: TokenId,
    /// When its time is over.
    pub expires: SystemTime,
    /// Whether its content lies in the store.
    pub is_stored: bool,
}

/// What a token holds, to be shown.
#[derive(Clone)]
#[non_exhaustive]
pub struct Approval {
    /// The token's id, for logs.
    pub id: TokenId,
    /// When its time is over.
    pub expires: SystemTime,
    /// The calls to decide on.
    pub calls: Vec<PendingCall>,
    /// The payload.
    pub payload: Vec<u8>,
}

/// What a token holds, and what was decided.
#[derive(Clone)]
#[non_exhaustive]
pub struct Decided {
    /// The token's id, for logs.
    pub id: TokenId,
    /// The calls.
    pub calls: Vec<PendingCall>,
    /// The decision on each call, in the order of the calls.
    pub decisions: Vec<Decision>,
    /// The payload.
    pub payload: Vec<u8>,
}

impl Approvals {
    /// Approvals without a store.
    pub fn new(keys: impl Into<Keys>) -> Self {
        Self {
            keys: keys.into(),
            store: None,
            is_reusable: false,
            time_to_live: Duration::from_secs(24 * 60 * 60),
            max_token_length: 65_536,
            max_content: 64 * 1024 * 1024,
        }
    }

    /// A store: each token is opened once over all replicas with this store,
    /// and what is too large for a token lies there.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Tokens can be opened any number of times, despite the store.
    ///
    /// A script that is continued twice makes its next calls twice.
    #[must_use]
    pub fn reusable(mut self) -> Self {
        self.is_reusable = true;
        self
    }

    /// How long a token is valid: more than zero, and at most ten years.
    #[must_use]
    pub fn time_to_live(mut self, time_to_live: Duration) -> Self {
        self.time_to_live = time_to_live;
        self
    }

    /// The maximum length of a token in characters. A token whose content lies
    /// in the store has 142.
    #[must_use]
    pub fn max_token_length(mut self, characters: usize) -> Self {
        self.max_token_length = characters;
        self
    }

    /// The maximum size of a payload and its calls, in bytes before
    /// compression.
    #[must_use]
    pub fn max_content(mut self, bytes: usize) -> Self {
        self.max_content = bytes;
        self
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Makes a token of a suspended script: `payload` is what continues it.
    ///
    /// # Errors
    ///
    /// If there are no calls or two of one id, if the arguments are nested
    /// deeper than 100 levels, if all of it is too large, or if the store
    /// fails. Nothing is left behind then but what expires.
    pub async fn seal(
        &self,
        principal: &Principal,
        calls: &[PendingCall],
        payload: &[u8],
        now: SystemTime,
    ) -> Result<Sealed, ApprovalError> {
        check_calls(calls)?;
        if self.time_to_live.is_zero() || self.time_to_live > MAX_TIME_TO_LIVE {
            return Err(ApprovalError::request(format_args!(
                "a token is valid for more than zero and at most ten years, not {:?}",
                self.time_to_live
            )));
        }
        let id = TokenId::generate()?;
        let expires = now
            .checked_add(self.time_to_live)
            .ok_or_else(|| ApprovalError::request("the clock is beyond all expiry"))?;
        let mut header = Header::new(id, expires, *principal)?;
        header.is_single_use = self.store.is_some() && !self.is_reusable;
        let expires = header.expires()?;

        let content = content::compress(calls, payload, self.max_content)?;
        let length = token::token_length(content.len());
        header.is_stored = length > self.max_token_length;
        let token = if header.is_stored {
            self.put_content(&header, length, &content).await?;
            token::seal(&self.keys, &header, &[])?
        } else {
            token::seal(&self.keys, &header, &content)?
        };
        Ok(Sealed {
            token,
            id,
            expires,
            is_stored: header.is_stored,
        })
    }

    async fn put_content(
        &self,
        header: &Header,
        length: usize,
        content: &[u8],
    ) -> Result<(), ApprovalError> {
        let max = self.max_token_length;
        let smallest = token::token_length(0);
        if max < smallest {
            return Err(ApprovalError::too_large(format_args!(
                "no token has at most {max} characters: set max_token_length to at least {smallest}"
            )));
        }
        let Some(store) = &self.store else {
            return Err(ApprovalError::too_large(format_args!(
                "the suspended script takes a token of {length} characters, and the limit is {max}: add a store, where such scripts lie, with Approvals::store, or raise max_token_length"
            )));
        };
        let context = header.id.as_bytes();
        let sealed = envelope::seal(self.keys.sealing(), Purpose::Content, context, content)?;
        store.remove_expired(REMOVED_AT_ONCE).await?;
        let expires = header.expires()? + GRACE;
        store.put(&content_key(header.id), &sealed, expires).await?;
        Ok(())
    }

    /// What a token holds, to be shown to its principal. It does not count as
    /// its use.
    ///
    /// # Errors
    ///
    /// If the token is not one, was changed, or sealed with an unknown key; if
    /// it is another principal's, expired or used; if its content is too large
    /// or no longer in the store; if the store fails.
    pub async fn inspect(
        &self,
        token: &str,
        principal: &Principal,
        now: SystemTime,
    ) -> Result<Approval, ApprovalError> {
        let (header, content) = self.read(token, principal, now)?;
        let store = self.claims(&header)?;
        // In this order: another replica claims first and removes the content then.
        let content = self.content(&header, content, store).await?;
        if let Some(store) = store
            && store.is_claimed(&claim_key(header.id)).await?
        {
            return Err(ApprovalError::used());
        }
        self.approval(&header, &content)
    }

    /// What a token holds, with a decision on each of its calls. Nothing runs
    /// here: the caller continues the script.
    ///
    /// If the token is for single use, this uses it, once all else is valid: a
    /// process that ends right after loses the script, and never runs it twice.
    ///
    /// # Errors
    ///
    /// As [`inspect`](Self::inspect), or if a call has no decision or two, or a
    /// decision is about another call. Such a token is not used by it.
    pub async fn open(
        &self,
        token: &str,
        principal: &Principal,
        decisions: &Decisions,
        now: SystemTime,
    ) -> Result<Decided, ApprovalError> {
        let (header, content) = self.read(token, principal, now)?;
        let store = self.claims(&header)?;
        let content = self.content(&header, content, store).await?;
        let approval = self.approval(&header, &content)?;
        let decisions = decisions.on(&approval.calls)?;
        if let Some(store) = store {
            store.remove_expired(REMOVED_AT_ONCE).await?;
            let expires = approval.expires + GRACE;
            if !store.claim(&claim_key(header.id), expires).await? {
                return Err(ApprovalError::used());
            }
            if header.is_stored {
                // Failing here would lose the script. The entry expires in any case.
                let _ = store.remove(&content_key(header.id)).await;
            }
        }
        Ok(Decided {
            id: approval.id,
            calls: approval.calls,
            decisions,
            payload: approval.payload,
        })
    }

    /// The header of a valid token of the principal, and the content within it.
    fn read(
        &self,
        token: &str,
        principal: &Principal,
        now: SystemTime,
    ) -> Result<(Header, Vec<u8>), ApprovalError> {
        let (header, content) = token::open(&self.keys, token, self.max_token_length)?;
        if header.principal != *principal {
            return Err(ApprovalError::principal());
        }
        let expires = header.expires()?;
        if now >= expires {
            return Err(ApprovalError::expired(expires, now));
        }
        Ok((header, content))
    }

    /// The store that knows whether a token was used, if it is for single use:
    /// because it says so, or because this process says so.
    fn claims(&self, header: &Header) -> Result<Option<&Arc<dyn Store>>, ApprovalError> {
        match &self.store {
            Some(store) => Ok(Some(store).filter(|_| header.is_single_use || !self.is_reusable)),
            None if header.is_single_use => Err(ApprovalError::no_store(
                "the approval token can be opened once",
            )),
            None => Ok(None),
        }
    }

    /// The content, from wherever it is. `claims` is the store that knows
    /// whether the token was used.
    async fn content(
        &self,
        header: &Header,
        within: Vec<u8>,
        claims: Option<&Arc<dyn Store>>,
    ) -> Result<Vec<u8>, ApprovalError> {
        if !header.is_stored {
            return Ok(within);
        }
        let Some(store) = &self.store else {
            return Err(ApprovalError::no_store(
                "what the approval token belongs to is in a store",
            ));
        };
        if let Some(entry) = store.get(&content_key(header.id)).await? {
            let context = header.id.as_bytes();
            return envelope::open(&self.keys, Purpose::Content, context, &entry.value);
        }
        // Whoever uses a token removes its content.
        match claims {
            Some(store) if store.is_claimed(&claim_key(header.id)).await? => {
                Err(ApprovalError::used())
            }
            _ => Err(ApprovalError::missing()),
        }
    }

    fn approval(&self, header: &Header, content: &[u8]) -> Result<Approval, ApprovalError> {
        let (calls, payload) = content::decompress(content, self.max_content)?;
        Ok(Approval {
            id: header.id,
            expires: header.expires()?,
            calls,
            payload,
        })
    }
}

fn claim_key(id: TokenId) -> String {
    format!("approval/{id}")
}

fn content_key(id: TokenId) -> String {
    format!("approval/{id}")
}

fn check_calls(calls: &[PendingCall]) -> Result<(), ApprovalError> {
    if calls.is_empty() {
        return Err(ApprovalError::request(
            "an approval is about at least one call",
        ));
    }
    let mut ids: Vec<_> = calls.iter().map(|call| call.id).collect();
    ids.sort_unstable();
    if let Some([id, _]) = ids.array_windows().find(|[first, second]| first == second) {
        return Err(ApprovalError::request(format_args!(
            "two calls have the id {id}: a decision could be about either"
        )));
    }
    calls.iter().try_for_each(PendingCall::check)
}

impl fmt::Debug for Approvals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Approvals")
            .field("keys", &self.keys)
            .field("has_store", &self.store.is_some())
            .field("is_reusable", &self.is_reusable)
            .field("time_to_live", &self.time_to_live)
            .field("max_token_length", &self.max_token_length)
            .field("max_content", &self.max_content)
            .finish()
    }
}

/// Without the payload, which may be large and is nobody's to log.
impl fmt::Debug for Approval {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Approval")
            .field("id", &self.id)
            .field("expires", &self.expires)
            .field("calls", &self.calls.len())
            .field("payload_bytes", &self.payload.len())
            .finish()
    }
}

/// Without the payload, which may be large and is nobody's to log.
impl fmt::Debug for Decided {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Decided")
            .field("id", &self.id)
            .field("calls", &self.calls.len())
            .field("payload_bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}
