//! The embedded component, and its contract with the host.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

/// The embedded component, compressed with zstd. It is read only when it is compiled,
/// and that takes some 50 times as long as to decompress it.
#[cfg(feature = "compile")]
static COMPRESSED: &[u8] = include_bytes!("../component/monty.wasm.zst");

/// Its SHA-256 as `sha256sum` prints it, so that it need not be computed at
/// startup.
const COMPONENT_HASH: &str = include_str!("../component/monty.wasm.sha256");

/// The component that this crate embeds: Monty with the imports of [`WIT`].
///
/// The program holds it compressed, and each call decompresses it, which takes
/// some 100 ms.
///
/// ```
/// let component = monty_host::component()?;
/// assert_eq!(component.get(..8), Some(&b"\0asm\x0d\0\x01\0"[..]));
/// # Ok::<_, monty_host::Error>(())
/// ```
///
/// # Errors
///
/// If the program's file is damaged.
#[cfg(feature = "compile")]
pub fn component() -> Result<Vec<u8>, crate::Error> {
    decompressed(COMPRESSED)
}

#[cfg(feature = "compile")]
fn decompressed(compressed: &[u8]) -> Result<Vec<u8>, crate::Error> {
    use std::io::Read as _;

    use ruzstd::decoding::StreamingDecoder;

    let damaged = |why: String| {
        crate::Error::sandbox(
            format!("the embedded component is damaged ({why}): install the program again"),
            None,
        )
    };
    let mut component = Vec::new();
    let mut decoder =
        StreamingDecoder::new(compressed).map_err(|error| damaged(error.to_string()))?;
    decoder
        .read_to_end(&mut component)
        .map_err(|error| damaged(error.to_string()))?;
    if decoder.decoder.get_checksum_from_data() != decoder.decoder.get_calculated_checksum() {
        return Err(damaged("its checksum is another".to_owned()));
    }
    Ok(component)
}

/// A component to run.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// The embedded interpreter.
    Interpreter,
    /// The embedded type checker.
    #[cfg(feature = "checker")]
    Checker,
    /// Another, not compiled.
    Other(&'a [u8]),
}

impl<'a> Source<'a> {
    /// The embedded interpreter, unless there is another.
    pub(crate) fn interpreter(other: Option<&'a [u8]>) -> Self {
        other.map_or(Self::Interpreter, Self::Other)
    }

    /// The SHA-256 of the component, in hexadecimal.
    pub(crate) fn hash(self) -> Cow<'static, str> {
        match self {
            Self::Interpreter => Cow::Borrowed(COMPONENT_HASH.get(..64).unwrap_or_default()),
            #[cfg(feature = "checker")]
            Self::Checker => Cow::Borrowed(monty_checker::HASH.get(..64).unwrap_or_default()),
            Self::Other(component) => Cow::Owned(format!("{:x}", Sha256::digest(component))),
        }
    }

    /// The component.
    #[cfg(feature = "compile")]
    pub(crate) fn bytes(self) -> Result<Cow<'a, [u8]>, crate::Error> {
        match self {
            Self::Interpreter => component().map(Cow::Owned),
            #[cfg(feature = "checker")]
            Self::Checker => decompressed(monty_checker::COMPRESSED).map(Cow::Owned),
            Self::Other(component) => Ok(Cow::Borrowed(component)),
        }
    }
}

/// The WIT package `monty:sandbox`, all files of `wit/` in one.
pub const WIT: &str = concat!(
    include_str!("../wit/types.wit"),
    "\n",
    include_str!("../wit/external-call.wit"),
    "\n",
    include_str!("../wit/os-call.wit"),
    "\n",
    include_str!("../wit/print.wit"),
    "\n",
    include_str!("../wit/interpreter.wit"),
    "\n",
    include_str!("../wit/worlds.wit"),
);

/// The imports and exports of the embedded component, as `wasm-tools component
/// wit` prints them: everything it can reach.
pub const COMPONENT_WIT: &str = include_str!("../component/monty.wit");
