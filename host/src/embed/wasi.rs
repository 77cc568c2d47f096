//! What the component gets of WASI: two clocks and random numbers.

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
    /// A WASI context for the store of this one, to build as it is: no files,
    /// no environment, no network and no standard streams.
    ///
    /// Its monotonic clock shows the time in Python, which stands still while
    /// the host works. The interpreter limits the duration of a run by it, and
    /// an interrupt reaches the interpreter through it. A WASI context with
    /// another monotonic clock leaves both to the traps of
    /// [`limit_store`](super::limit_store).
    ///
    /// With [`Randomness::Seeded`], the interpreter's own random numbers, which
    /// become the identities of objects, come from the seed too. `stream`
    /// numbers the instances that draw from one seed, from 0, so that no two of
    /// them draw the same.
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
/// run is to stop, it leaps at each reading, so that whatever the interpreter
/// measures is beyond every limit: that ends the script as a limit would, and
/// leaves a session whole.
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
