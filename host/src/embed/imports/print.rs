//! `print`: a script's output.

use std::sync::Arc;

use monty_value::types::Exception;

use super::super::bindings::monty::sandbox::print::{self, StandardStream};
use super::super::context::MontyCtx;
use crate::account::clock::Phase;
use crate::account::stop::{Stop, keyboard_interrupt};
use crate::print::Stream;

impl print::Host for MontyCtx {
    async fn write(
        &mut self,
        to: StandardStream,
        text: String,
    ) -> wasmtime::Result<Result<(), Exception>> {
        let work = Arc::clone(&self.work);
        work.import(Phase::Host, async {
            if self.stops.is_raised() {
                return Ok(Err(keyboard_interrupt()));
            }
            self.count_output(&text)?;
            let stream = match to {
                StandardStream::Stdout => Stream::Stdout,
                StandardStream::Stderr => Stream::Stderr,
            };
            let written = match &self.print {
                Some(print) => print.write(stream, &text),
                None => Ok(()),
            };
            match written {
                Ok(()) => Ok(Ok(())),
                Err(error) => Err(Stop::cannot_print(error).into()),
            }
        })
        .await
    }
}
