//! Text built up to a limit on its bytes.

use std::cell::Cell;
use std::fmt;
use std::io;

use serde::{Serialize, Serializer};

/// A buffer that rejects text beyond its meter.
pub(crate) struct Capped<'m> {
    bytes: Vec<u8>,
    meter: &'m Meter,
}

impl<'m> Capped<'m> {
    pub fn new(meter: &'m Meter) -> Self {
        Self {
            bytes: Vec::new(),
            meter,
        }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl io::Write for Capped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.meter.take(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Write for Capped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.meter.take(text.len()).map_err(|_| fmt::Error)?;
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Counts the bytes of what is [`Metered`], and not those around it.
pub(crate) struct Meter {
    room: Cell<u64>,
    part: Cell<Option<Part>>,
}

/// A part of a document whose size a script determines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    Value,
    Exception,
    Prints,
}

impl Meter {
    pub fn new(room: u64) -> Self {
        Self {
            room: Cell::new(room),
            part: Cell::new(None),
        }
    }

    /// The part that is being written, after a failure the one that did not
    /// fit.
    pub fn part(&self) -> Option<Part> {
        self.part.get()
    }

    pub fn begin(&self, part: Part) {
        self.part.set(Some(part));
        if part == Part::Prints {
            // The quotes exist even if nothing was printed.
            self.room.set(self.room.get().saturating_add(2));
        }
    }

    fn take(&self, bytes: usize) -> io::Result<()> {
        if self.part.get().is_none() {
            return Ok(());
        }
        let left = self.room.get().checked_sub(bytes as u64);
        self.room
            .set(left.ok_or_else(|| io::Error::other("no room is left"))?);
        Ok(())
    }
}

/// Content whose bytes count.
pub(crate) struct Metered<'m, T> {
    pub meter: &'m Meter,
    pub part: Part,
    pub content: T,
}

impl<T: Serialize> Serialize for Metered<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.meter.begin(self.part);
        let done = self.content.serialize(serializer)?;
        self.meter.part.set(None);
        Ok(done)
    }
}
