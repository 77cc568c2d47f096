//! What a model is told of code mode.

use std::fmt::Write;

use monty_host::FeatureSet;

use crate::calls::SHOW;
use crate::catalogue::Catalogue;
use crate::table::Table;

/// Whether scripts share their names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Fresh,
    Session,
}

/// The description of the tool. The same for the same tools, so that prompt caches
/// hold.
pub(crate) fn description(
    mode: Mode,
    features: &FeatureSet,
    table: &Table,
    catalogue: &Catalogue,
) -> String {
    let mut text = String::from(
        "Runs a Python script that calls the functions below. Use it for several calls, loops, \
         filters and sums in one turn.\n\
         \n\
         - The result is the value of the last line, and what was printed. Return what you need, \
         not everything.\n\
         - A function raises an exception when it fails: catch it with try/except, or fix the script.\n\
         - `async def` functions are awaited, at the top level too; \
         `await asyncio.gather(a(), b())` runs several at once. The others are called plainly, one after another.\n",
    );
    text += match mode {
        Mode::Fresh => "- Each script starts anew: names of an earlier one are gone.\n",
        Mode::Session => "- Names live on: a script can use what an earlier one defined.\n",
    };
    if !catalogue.is_complete() {
        text += "- Not all functions are listed. In the script, `print(search_tools('words'))` finds more, \
                 and `print(describe_tool('name'))` documents one.\n";
    }
    if table.has_attachments {
        let _ = writeln!(
            text,
            "- Images and files come as `Attachment` values. You see those that the script returns, \
             or passes to `{SHOW}(attachment)`."
        );
    }
    for secret in &table.secrets {
        let _ = writeln!(
            text,
            "- `{}` stands for a secret. Pass it to a function as it is; you never see its value.",
            secret.get_name()
        );
    }
    let modules: Vec<_> = features
        .modules
        .iter()
        .map(|module| module.name.as_str())
        .collect();
    let _ = write!(
        text,
        "\n\
         It is a sandboxed subset of Python without packages, network or files of its own. \
         Modules: {}. \
         Not supported: {}.\n\
         \n{catalogue}",
        modules.join(", "),
        features.unsupported_syntax.join("; "),
    );
    text
}
