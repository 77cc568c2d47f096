//! `tracing` spans, which are no-ops without the feature of that name.

#[cfg(feature = "tracing")]
pub(crate) use tracing::{Instrument, Span, debug_span, field::Empty};

#[cfg(not(feature = "tracing"))]
pub(crate) use self::off::{Empty, Instrument, Span, debug_span};

/// No-op stand-ins for the items of `tracing`.
#[cfg(not(feature = "tracing"))]
mod off {
    /// A field whose value is recorded later.
    pub(crate) struct Empty;

    #[derive(Clone)]
    pub(crate) struct Span;

    impl Span {
        pub(crate) fn record<V>(&self, _field: &str, _value: V) {}

        pub(crate) fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
            work()
        }
    }

    pub(crate) trait Instrument: Future + Sized {
        fn instrument(self, _span: Span) -> Self {
            self
        }
    }

    impl<F: Future> Instrument for F {}

    /// Reads the values of the fields, so that they count as used.
    macro_rules! debug_span {
        ($name:literal $(, $field:ident $(= $value:expr)?)* $(,)?) => {{
            $($crate::spans::debug_span!(@ $field $($value)?);)*
            $crate::spans::Span
        }};
        (@ $field:ident $value:expr) => {
            let _ = &$value;
        };
        (@ $field:ident) => {
            let _ = &$field;
        };
    }
    pub(crate) use debug_span;
}
