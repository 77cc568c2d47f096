//! Instances that are made ready before a run asks for one, and cleaned up
//! after its answer is out.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Builder;
use wasmtime::{Engine, Store};

use super::store::RunState;
use crate::embed::{Interpreter, InterpreterPre, MontyCtx, MontyView};
use crate::error::Error;
use crate::os::Randomness;

/// How long an instance may wait to be cleaned up, or for its successor to be
/// made, while few are used. Waking a thread takes about as long as a small
/// run, so it is woken once for several.
const BATCH: Duration = Duration::from_millis(10);

/// The most memory of an instance that waits to be cleaned up. A larger one is
/// cleaned up before its answer is out: with those that wait, it would come on
/// top of what `MontyBuilder::concurrent_runs` allows.
const LARGE_BYTES: usize = 16 << 20;

/// An instance and its store.
pub(super) struct Instance {
    pub(super) store: Store<RunState>,
    pub(super) interpreter: Interpreter,
}

/// Makes instances.
#[derive(Clone)]
pub(super) struct Maker {
    pub(super) engine: Engine,
    pub(super) interpreter: InterpreterPre<RunState>,
}

impl Maker {
    pub(super) async fn make(
        &self,
        context: MontyCtx,
        randomness: Randomness,
        stream: u64,
    ) -> Result<Instance, Error> {
        let mut store = RunState::store(&self.engine, context, randomness, stream);
        let interpreter = self.interpreter.instantiate(&mut store).await?;
        Ok(Instance { store, interpreter })
    }
}

/// The instances that are ready, and a thread that makes and cleans them. The
/// thread starts with the first run, and ends when this is dropped.
pub(super) struct Ready {
    maker: Maker,
    shared: Arc<Shared>,
}

struct Shared {
    /// The number to keep ready.
    count: usize,
    state: Mutex<State>,
    wakes: Condvar,
}

#[derive(Default)]
struct State {
    ready: Vec<Instance>,
    used: Vec<Store<RunState>>,
    thread: Thread,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Thread {
    /// No run has begun yet.
    #[default]
    NotStarted,
    Working,
    /// It looks again after a [`BATCH`].
    Dozing,
    /// It waits to be woken.
    Asleep,
    /// It ends, could not be started, or could not make an instance.
    Ended,
}

impl Ready {
    /// Keeps `count` instances ready once the first run has begun.
    pub(super) fn new(maker: Maker, count: u32) -> Self {
        Self {
            maker,
            shared: Arc::new(Shared {
                count: count as usize,
                state: Mutex::default(),
                wakes: Condvar::new(),
            }),
        }
    }

    /// The number of instances beside those of runs, at most: ready, waiting
    /// to be cleaned up, and in the hands of the thread.
    pub(super) fn spare_instances(count: u32) -> u32 {
        match count {
            0 => 0,
            count => count.saturating_mul(2).saturating_add(2),
        }
    }

    /// An instance for a context: one that is ready, or a new one.
    pub(super) async fn instance(
        &self,
        context: MontyCtx,
        randomness: Randomness,
        stream: u64,
    ) -> Result<Instance, Error> {
        // One that is ready may have drawn other random numbers.
        let is_seeded = matches!(randomness, Randomness::Seeded(_));
        let mut ready = if is_seeded { None } else { self.take() };
        if let Some(instance) = &mut ready
            && !context.may_take_over(instance.store.data_mut().monty())
        {
            ready = None;
        }
        let Some(mut instance) = ready else {
            return self.maker.make(context, randomness, stream).await;
        };
        RunState::replace(&mut instance.store, context, randomness, stream);
        Ok(instance)
    }

    fn take(&self) -> Option<Instance> {
        let count = self.shared.count;
        if count == 0 {
            return None;
        }
        let mut state = self.shared.state();
        let instance = state.ready.pop();
        match state.thread {
            Thread::NotStarted => self.start(&mut state),
            thread => self.shared.wake(thread, state.ready.len() <= count / 2),
        }
        instance
    }

    /// Drops what the host lent to an instance now, and the rest soon.
    pub(super) fn clean_up(&self, mut store: Store<RunState>) {
        if store.data_mut().monty().peak_memory_bytes() > LARGE_BYTES {
            return;
        }
        let mut state = self.shared.state();
        let has_thread = !matches!(state.thread, Thread::NotStarted | Thread::Ended);
        if has_thread && state.used.len() < self.shared.count {
            RunState::let_go(&mut store);
            state.used.push(store);
            let are_many = state.used.len() > self.shared.count / 2;
            self.shared.wake(state.thread, are_many);
        }
    }

    /// Starts the thread. Without it, every run makes its own instance.
    fn start(&self, state: &mut State) {
        let maker = self.maker.clone();
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name("monty-ready".to_owned())
            .spawn(move || shared.work(&maker));
        state.thread = match thread {
            Ok(_) => Thread::Working,
            Err(_) => Thread::Ended,
        };
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.shared.state().thread = Thread::Ended;
        self.shared.wakes.notify_one();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, thread: Thread, is_urgent: bool) {
        if thread == Thread::Asleep || (is_urgent && thread == Thread::Dozing) {
            self.wakes.notify_one();
        }
    }

    /// Makes and cleans up instances until the interpreter is dropped.
    fn work(&self, maker: &Maker) {
        let runtime = Builder::new_current_thread().build();
        let mut state = self.state();
        while state.thread != Thread::Ended {
            let used = state.used.pop();
            let is_missing = state.ready.len() < self.count;
            if used.is_none() && !is_missing {
                state = self.rest(state);
                continue;
            }
            state.thread = Thread::Working;
            drop(state);
            drop(used);
            let made = is_missing.then(|| {
                let instance = maker.make(MontyCtx::default(), Randomness::System, 0);
                runtime.as_ref().ok()?.block_on(instance).ok()
            });
            state = self.state();
            match made {
                None => {}
                Some(Some(instance)) => state.ready.push(instance),
                // The next run makes its own, and says what is wrong.
                Some(None) => state.thread = Thread::Ended,
            }
        }
        let left = std::mem::take(&mut *state);
        state.thread = Thread::Ended;
        drop(state);
        drop(left);
    }

    /// Waits for work: for a [`BATCH`] at first, then until it is woken.
    fn rest<'a>(&self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if state.thread == Thread::Dozing {
            state.thread = Thread::Asleep;
            return self
                .wakes
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.thread = Thread::Dozing;
        let (state, _) = self
            .wakes
            .wait_timeout(state, BATCH)
            .unwrap_or_else(PoisonError::into_inner);
        state
    }
}
