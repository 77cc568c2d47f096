//! The secrets that tokens are sealed with.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::error::ApprovalError;

/// The length of a key in bytes.
pub(super) const KEY_BYTES: usize = 32;

/// The length of a key's id in bytes.
pub(super) const KEY_ID_BYTES: usize = 8;

/// A key's file holds no more than this many bytes.
const MAX_FILE_BYTES: u64 = 1024;

/// A secret of 256 random bits. Its memory is overwritten when the last clone
/// is dropped.
///
/// Whoever has it can read every token sealed with it, and make tokens that
/// are opened as if this program had made them.
#[derive(Clone)]
pub struct Key {
    bytes: Arc<Zeroizing<[u8; KEY_BYTES]>>,
    id: KeyId,
}

/// Identifies a [`Key`] and reveals nothing of it: the start of a SHA-256 over
/// a label and the key. `Display` is hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; KEY_ID_BYTES]);

impl Key {
    /// A key from random bytes of a cryptographic generator.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self::new(Zeroizing::new(bytes))
    }

    fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(b"monty-code-mode key id\0")
            .chain_update(bytes.as_slice())
            .finalize()
            .into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        Self {
            bytes: Arc::new(bytes),
            id: KeyId([a, b, c, d, e, f, g, h]),
        }
    }

    /// A new key from the operating system's random numbers. Tokens sealed
    /// with it are lost with the process.
    ///
    /// # Errors
    ///
    /// If the operating system has none.
    pub fn generate() -> Result<Self, ApprovalError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(ApprovalError::random)?;
        Ok(Self::new(bytes))
    }

    /// A key from a file with 32 random bytes, or with their text as
    /// [`from_str`](Self::from_str) takes it:
    ///
    /// ```console
    /// $ head -c 32 /dev/urandom > approvals.key
    /// $ openssl rand -hex 32 > approvals.key
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be read or holds no key.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ApprovalError> {
        let path = path.as_ref();
        let invalid = |reason: &dyn fmt::Display| {
            ApprovalError::request(format_args!("the key file {}: {reason}", path.display()))
        };
        // As large as it can become: growing would leave copies behind.
        let mut content = Zeroizing::new(Vec::with_capacity(MAX_FILE_BYTES as usize + 1));
        File::open(path)
            .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut content))
            .map_err(|error| invalid(&error))?;
        if let Ok(bytes) = <[u8; KEY_BYTES]>::try_from(content.as_slice()) {
            return Ok(Self::from_bytes(bytes));
        }
        let text = std::str::from_utf8(&content).ok().map(str::trim);
        text.and_then(parse).map(Self::new).ok_or_else(|| {
            let size = content.len();
            invalid(&format_args!(
                "a key is 32 random bytes, or their text in hexadecimal or base64, not these {size} bytes; `head -c 32 /dev/urandom` makes one"
            ))
        })
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }
}

/// 64 hexadecimal digits, or base64 of 32 bytes in either alphabet, with or
/// without padding.
impl FromStr for Key {
    type Err = ApprovalError;

    fn from_str(text: &str) -> Result<Self, ApprovalError> {
        parse(text).map(Self::new).ok_or_else(|| {
            ApprovalError::request(format_args!(
                "a key is 32 random bytes as 64 hexadecimal digits or in base64, not this text of {} characters",
                text.chars().count()
            ))
        })
    }
}

fn parse(text: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    if text.len() == 2 * KEY_BYTES {
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            for digit in digits {
                let value = char::from(*digit).to_digit(16)?;
                *byte = (*byte << 4) | u8::try_from(value).ok()?;
            }
        }
        return Some(bytes);
    }
    let text = text.trim_end_matches('=');
    if text.len() > 2 * KEY_BYTES {
        return None;
    }
    let mut standard = Zeroizing::new(Vec::with_capacity(text.len()));
    standard.extend(text.bytes().map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }));
    // The decoder wants room for whole groups.
    let mut decoded = Zeroizing::new([0; KEY_BYTES * 2]);
    let length = STANDARD_NO_PAD
        .decode_slice(standard.as_slice(), decoded.as_mut_slice())
        .ok()?;
    bytes.copy_from_slice(decoded.get(..length).filter(|_| length == KEY_BYTES)?);
    Some(bytes)
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({})", self.id)
    }
}

impl KeyId {
    pub(super) fn from_bytes(bytes: [u8; KEY_ID_BYTES]) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8; KEY_ID_BYTES] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::write_hex(formatter, &self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyId({self})")
    }
}

/// The keys of a process: one seals, and all open.
///
/// To replace a key without losing tokens, first let every replica open with
/// the new one, then seal with it, and drop the old one when its last token
/// has expired:
///
/// ```
/// use monty_code_mode::approvals::{Key, Keys};
///
/// # let (old, new) = (Key::generate()?, Key::generate()?);
/// let first = Keys::new(old.clone()).opens(new.clone());
/// let then = Keys::new(new.clone()).opens(old);
/// let finally = Keys::new(new);
/// # assert_eq!(then.sealing_key(), finally.sealing_key());
/// # Ok::<_, monty_code_mode::approvals::ApprovalError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Keys {
    seals: Key,
    opens: Vec<Key>,
}

impl Keys {
    /// One key, which seals and opens.
    pub fn new(key: Key) -> Self {
        Self {
            seals: key,
            opens: Vec::new(),
        }
    }

    /// One more key that opens.
    #[must_use]
    pub fn opens(mut self, key: Key) -> Self {
        self.opens.push(key);
        self
    }

    /// The id of the key that seals.
    pub fn sealing_key(&self) -> KeyId {
        self.seals.id
    }

    /// The ids of all keys, the sealing one first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.all().map(Key::id)
    }

    pub(super) fn sealing(&self) -> &Key {
        &self.seals
    }

    pub(super) fn find(&self, id: KeyId) -> Option<&Key> {
        self.all().find(|key| key.id == id)
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.seals).chain(&self.opens)
    }
}

impl From<Key> for Keys {
    fn from(key: Key) -> Self {
        Self::new(key)
    }
}
