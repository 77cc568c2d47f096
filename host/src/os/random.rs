//! `os.urandom()`.

use std::sync::{Mutex, PoisonError};

use rand::rngs::{ChaCha20Rng, SysRng};
use rand::{Rng as _, SeedableRng as _, TryRng as _};

use super::ErrorCode;

/// The source of random bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Randomness {
    /// The random numbers of the host's operating system.
    #[default]
    System,
    /// From this seed: the same in each run, and not secret. `os.urandom()`
    /// draws from ChaCha20; Python's `random` starts as after `random.seed(n)`.
    Seeded(u64),
    /// As an option of a script: `random` is seeded from its
    /// [`Os::random_bytes`](super::Os::random_bytes). For a
    /// [`System`](super::System), which is such an `Os`: as `System`.
    Host,
}

/// The limit on bytes in one call.
const MAX_BYTES: u64 = 16 << 20;

/// A source in use.
#[derive(Default)]
pub(super) enum Source {
    #[default]
    System,
    Seeded(Box<Mutex<ChaCha20Rng>>),
}

impl Source {
    pub fn new(random: Randomness) -> Self {
        match random {
            Randomness::System | Randomness::Host => Self::System,
            Randomness::Seeded(seed) => {
                Self::Seeded(Box::new(Mutex::new(ChaCha20Rng::seed_from_u64(seed))))
            }
        }
    }

    pub fn bytes(&self, count: u64) -> Result<Vec<u8>, ErrorCode> {
        let count = usize::try_from(count)
            .ok()
            .filter(|_| count <= MAX_BYTES)
            .ok_or_else(|| ErrorCode::Other(format!("more than {MAX_BYTES} random bytes")))?;
        let mut bytes = vec![0; count];
        match self {
            Self::System => SysRng
                .try_fill_bytes(&mut bytes)
                .map_err(|_| ErrorCode::Other("no random numbers".to_owned()))?,
            Self::Seeded(generator) => generator
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .fill_bytes(&mut bytes),
        }
        Ok(bytes)
    }
}
