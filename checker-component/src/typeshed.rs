//! The typeshed: Monty's own, with what is missing there and without what Monty does
//! not have.

use ruff_db::vendored::{VendoredFileSystem, VendoredFileSystemBuilder, VendoredPath};
use ruff_python_ast::Stmt;
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged as _, TextRange};
use zip::CompressionMethod;

/// Declarations to add to modules.
const ADDED: &[(&str, &str)] = &[("stdlib/os/__init__.pyi", include_str!("../stubs/os.pyi"))];

/// Methods and attributes that the typeshed has and Monty has not, found by trying each.
#[rustfmt::skip]
const MISSING: &[(&str, &str, &[&str])] = &[
    ("stdlib/builtins.pyi", "int", &[
        "as_integer_ratio", "bit_count", "bit_length", "conjugate",
        "denominator", "from_bytes", "imag", "is_integer", "numerator", "real",
        "to_bytes",
    ]),
    ("stdlib/builtins.pyi", "float", &[
        "as_integer_ratio", "conjugate", "from_number", "fromhex", "hex",
        "imag", "is_integer", "real",
    ]),
    ("stdlib/builtins.pyi", "str", &[
        "format_map", "maketrans", "translate",
    ]),
    ("stdlib/builtins.pyi", "bytes", &[
        "expandtabs", "maketrans", "translate",
    ]),
    ("stdlib/builtins.pyi", "set", &[
        "difference_update", "intersection_update",
        "symmetric_difference_update",
    ]),
    ("stdlib/builtins.pyi", "range", &[
        "count", "index", "start", "step", "stop",
    ]),
    ("stdlib/builtins.pyi", "slice", &[
        "indices",
    ]),
    ("stdlib/datetime.pyi", "date", &[
        "ctime", "fromisocalendar", "fromordinal", "fromtimestamp",
        "isocalendar", "strptime", "timetuple", "toordinal",
    ]),
    ("stdlib/datetime.pyi", "datetime", &[
        "fold", "fromtimestamp", "utcfromtimestamp", "utcnow", "utctimetuple",
        "timetuple",
    ]),
    ("stdlib/datetime.pyi", "time", &[
        "strptime",
    ]),
    ("stdlib/pathlib/__init__.pyi", "PurePath", &[
        "anchor", "as_uri", "drive", "full_match", "is_relative_to",
        "is_reserved", "match", "parents", "parser", "relative_to", "root",
        "with_segments",
    ]),
    ("stdlib/pathlib/__init__.pyi", "Path", &[
        "as_uri", "chmod", "copy", "copy_into", "expanduser", "from_uri",
        "group", "hardlink_to", "home", "info", "is_block_device",
        "is_char_device", "is_fifo", "is_junction", "is_mount", "is_socket",
        "lchmod", "link_to", "lstat", "move", "move_into", "owner", "readlink",
        "samefile", "symlink_to", "touch",
    ]),
    ("stdlib/re.pyi", "Match", &[
        "endpos", "expand", "lastgroup", "lastindex", "pos", "re", "regs",
    ]),
    ("stdlib/re.pyi", "Pattern", &[
        "groupindex", "groups", "subn",
    ]),
];

/// Whether an attribute is left out of a class or of one above it.
pub fn is_missing(class: &str, attribute: &str) -> bool {
    let above = match class {
        "bool" => "int",
        "datetime" => "date",
        "Path" => "PurePath",
        class => class,
    };
    MISSING
        .iter()
        .any(|(_, of, names)| (*of == class || *of == above) && names.contains(&attribute))
}

/// All stubs of the standard library. It takes a while, once, before the component is
/// pre-initialised.
pub fn file_system() -> Result<VendoredFileSystem, String> {
    let original = monty_typeshed::file_system();
    let mut builder = VendoredFileSystemBuilder::new(CompressionMethod::Stored);
    copy(original, VendoredPath::new("stdlib"), &mut builder)?;
    builder.finish().map_err(|error| error.to_string())
}

fn copy(
    original: &VendoredFileSystem,
    folder: &VendoredPath,
    builder: &mut VendoredFileSystemBuilder,
) -> Result<(), String> {
    let mut entries: Vec<_> = original.read_directory(folder).collect();
    // In the order of their names, so that what is built does not change.
    entries.sort_by(|a, b| a.path().as_str().cmp(b.path().as_str()));
    for entry in entries {
        let path = entry.path();
        if entry.file_type().is_directory() {
            builder
                .add_directory(path)
                .map_err(|error| error.to_string())?;
            copy(original, path, builder)?;
        } else {
            let source = original
                .read_to_string(path)
                .map_err(|error| error.to_string())?;
            builder
                .add_file(path, &adapted(path.as_str(), source))
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// A stub as Monty has it.
fn adapted(path: &str, mut source: String) -> String {
    for (_, class, names) in MISSING.iter().filter(|(file, ..)| *file == path) {
        let mut ranges = Vec::new();
        if let Ok(module) = parse_module(&source) {
            find_members(&module.syntax().body, class, names, &mut ranges);
        }
        // From the last to the first, so that the others stay where they are.
        ranges.sort_by_key(|range: &TextRange| range.start());
        for range in ranges.into_iter().rev() {
            source.replace_range(range.start().to_usize()..range.end().to_usize(), "...");
        }
    }
    for (_, added) in ADDED.iter().filter(|(file, _)| *file == path) {
        source.push('\n');
        source.push_str(added);
    }
    source
}

/// Where a class declares these members, in branches on versions and platforms too.
fn find_members(body: &[Stmt], class: &str, names: &[&str], ranges: &mut Vec<TextRange>) {
    for statement in body {
        match statement {
            Stmt::ClassDef(definition) if definition.name.as_str() == class => {
                members(&definition.body, names, ranges);
            }
            Stmt::If(branches) => {
                find_members(&branches.body, class, names, ranges);
                for clause in &branches.elif_else_clauses {
                    find_members(&clause.body, class, names, ranges);
                }
            }
            _ => {}
        }
    }
}

fn members(body: &[Stmt], names: &[&str], ranges: &mut Vec<TextRange>) {
    for statement in body {
        match statement {
            Stmt::FunctionDef(function) if names.contains(&function.name.as_str()) => {
                ranges.push(statement.range());
            }
            Stmt::AnnAssign(assignment)
                if assignment
                    .target
                    .as_name_expr()
                    .is_some_and(|target| names.contains(&target.id.as_str())) =>
            {
                ranges.push(statement.range());
            }
            Stmt::If(branches) => {
                members(&branches.body, names, ranges);
                for clause in &branches.elif_else_clauses {
                    members(&clause.body, names, ranges);
                }
            }
            _ => {}
        }
    }
}
