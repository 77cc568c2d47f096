//! The cases with a different outcome from upstream's own runner, each with its
//! reason. A case that is fixed fails until it is taken off the list.

use std::fmt::Write;
use std::sync::Arc;

use crate::cases::Case;
use crate::run;

/// A reason, and the files that it holds for.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    (
        "needs the interpreter's feature `test-hooks`, which the component is not built with",
        &[
            "functools__gc.py",
            "itertools__gc.py",
            "json__dumps_recursion.py",
            "recursion__deep_copy.py",
            "recursion__deep_repr.py",
            "recursion__limit_depth.py",
            "refcount__exec_namespace.py",
        ],
    ),
    (
        "marked as failing upstream",
        &["type_error__list_iadd_int.py"],
    ),
    (
        "the host is asked for an undefined name that is called, and the carets then mark the call instead of the name",
        &[
            "name_error__undefined_call_chained.py",
            "name_error__undefined_call_in_expr.py",
            "name_error__undefined_call_in_function.py",
            "name_error__undefined_call_with_args.py",
            "name_error__undefined_global.py",
            "traceback__undefined_call.py",
        ],
    ),
    (
        "an error of a rename names both paths, as in CPython",
        &["mount_fs__errors.py"],
    ),
    (
        "a number beyond 32 bits as a size: the interpreter's `usize` is that of wasm32",
        &[
            "itertools__combinatoric.py",
            "itertools__tee.py",
            "random__errors.py",
            "range__ops.py",
        ],
    ),
    (
        "counts more than 2 GiB for one text, which is all that the component has",
        &["bytes__percent_format.py", "str__percent_format.py"],
    ),
];

/// Why a case is on the list.
fn reason(case: &str) -> Option<&'static str> {
    EXCEPTIONS
        .iter()
        .find(|(_, files)| files.contains(&case))
        .map(|(reason, _)| *reason)
}

/// Every file on the list is one of upstream's.
pub fn check_names(cases: &[Arc<Case>]) -> Result<(), String> {
    let mut files = EXCEPTIONS.iter().flat_map(|(_, files)| *files);
    match files.find(|file| !cases.iter().any(|case| case.name == **file)) {
        Some(gone) => Err(format!("{gone} is an exception, but no case of upstream")),
        None => Ok(()),
    }
}

/// A case on the list must fail, every other one must not.
pub fn judge(case: &str, outcome: Result<(), String>) -> Result<(), String> {
    match (reason(case), outcome) {
        (None, outcome) => outcome,
        (Some(_), Err(_)) => Ok(()),
        (Some(reason), Ok(())) => Err(format!(
            "passes, but is an exception ({reason}): take it off the list"
        )),
    }
}

/// How each of the cases on the list fails.
pub fn failures(cases: &[Arc<Case>]) -> String {
    let mut text = String::new();
    for (reason, files) in EXCEPTIONS {
        writeln!(text, "# {reason}\n").expect("a string takes text");
        for case in cases.iter().filter(|case| files.contains(&&*case.name)) {
            let failure = run::check(case).err();
            let failure = failure.as_deref().unwrap_or("passes");
            writeln!(text, "== {}\n{failure}\n", case.name).expect("a string takes text");
        }
    }
    text
}
