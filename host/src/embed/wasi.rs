//! The component's share of WASI: two clocks and random numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use wasmtime_wasi::{HostMonotonicClock, WasiCtx, WasiCtxBuilder};

use super::context::MontyCtx;
use crate::account::clock::RunClock;
use crate::account::stop::Stops;
use crate::limits::UNLIMITED_NANOS;
use crate::os::Randomness;

impl MontyCtx {
    /// A WASI context for this context's store, ready to build: no files, no
    /// environment, no network and no standard streams.
    ///
    /// Its monotonic clock shows the time in Python, which stops while the host
    /// works. The interpreter uses it to limit the duration of a run, and
    /// interrupts reach the interpreter through it. With any other monotonic
    /// clock, only the traps of [`limit_store`](super::limit_store) do both.
    ///
    /// With [`Randomness::Seeded`], the interpreter's own random numbers, which
    /// become object identities, come from the seed too. `stream` numbers the
    /// instances that share a seed, from 0, so that no two draw the same
    /// numbers.
    pub fn wasi(&self, randomness: Randomness, stream: u64) -> WasiCtxBuilder {
        let mut wasi = WasiCtx::builder();
        wasi.monotonic_clock(PythonTime {
            clock: Arc::clone(&self.work.clock),
            stops: self.stops.clone(),
            leaps: AtomicU64::new(0),
        });
        if let Randomness::Seeded(seed) = randomness {
            let mut generator = ChaCha20Rng::seed_from_u64(seed);
            generator.set_stream(stream);
            wasi.secure_random(generator)
                .insecure_random_seed(seed.into());
        }
        wasi
    }
}

/// The component's monotonic clock, which shows the time in Python. When the
/// run must stop, it leaps at each reading, so that every time the interpreter
/// measures exceeds every limit. That ends the script as a limit would, and
/// leaves a session intact.
struct PythonTime {
    clock: Arc<RunClock>,
    stops: Stops,
    leaps: AtomicU64,
}

/// Two years, in nanoseconds: more than any limit.
const LEAP_NANOS: u64 = 2 * UNLIMITED_NANOS;

impl HostMonotonicClock for PythonTime {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        if self.stops.is_raised() {
            let leaps = self.leaps.fetch_add(1, Ordering::Relaxed);
            return LEAP_NANOS.saturating_mul(leaps.saturating_add(1));
        }
        self.leaps.store(0, Ordering::Relaxed);
        u64::try_from(self.clock.python_time().as_nanos()).unwrap_or(u64::MAX)
    }
}
