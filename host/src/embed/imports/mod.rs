//! The component's imports, on a [`MontyCtx`](super::MontyCtx).

mod external_call;
mod os_call;
mod print;
#[cfg(test)]
mod tests;
