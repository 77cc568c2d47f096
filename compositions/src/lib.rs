//! Composes Monty with its adapters, so that it runs without its own host.
//!
//! - [`compose`]: the component that a WAC document describes, with nothing of
//!   `monty:` left to import.
//! - [`compose_open`]: the same with imports of `monty:` for the runtime.
//! - [`check_fits`]: whether a component fits a world.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use wac_graph::EncodeOptions;
use wac_parser::Document;
use wac_resolver::{FileSystemPackageResolver, packages};
use wac_types::{ItemKind, Package, Type, Types, WorldId, validate_target};
use wit_parser::Resolve;

/// The component that a WAC document describes.
///
/// `monty:cli` in the document is `components/monty/cli.wasm`.
///
/// # Errors
///
/// If the document is invalid, a component is missing, two do not fit, or an
/// import of `monty:` is left open. WAC passes on unmatched imports, which no
/// runtime could provide.
pub fn compose(document: &Path, components: &Path) -> Result<Vec<u8>> {
    let component = compose_open(document, components)?;
    let open = open_imports(&component)?;
    if !open.is_empty() {
        bail!(
            "{} leaves open what no runtime has: {}\n\
             help: give each to the component that imports it, as an export of another component; \
             if one is given, it was built from another version of the WIT",
            document.display(),
            open.join(", ")
        );
    }
    Ok(component)
}

/// The component that a WAC document describes, for a runtime that provides the
/// remaining imports.
///
/// # Errors
///
/// If the document is invalid, a component is missing, or two do not fit. The
/// text shows the place in the document.
pub fn compose_open(document: &Path, components: &Path) -> Result<Vec<u8>> {
    let shown = document.display();
    let text = std::fs::read_to_string(document).map_err(|error| {
        anyhow!(
            "cannot read {shown}: {error}\n\
             help: name a document such as compositions/monty-cli.wac"
        )
    })?;
    let parsed = Document::parse(&text)
        .map_err(|error| report(error, &text, document, Some(LANGUAGE.to_owned())))?;
    let keys = packages(&parsed).map_err(|error| report(error, &text, document, None))?;
    let resolver = FileSystemPackageResolver::new(components, HashMap::new(), true);
    let found = resolver.resolve(&keys).map_err(|error| {
        let help = help_of_resolver(&error, components);
        report(error, &text, document, help)
    })?;
    let resolution = parsed.resolve(found).map_err(|error| {
        let help = help_of_resolution(&error);
        report(error, &text, document, help)
    })?;
    resolution
        .encode(EncodeOptions::default())
        .map_err(|error| report(error, &text, document, None))
}

/// Where the language of documents is described.
const LANGUAGE: &str =
    "the language is described at https://github.com/bytecodealliance/wac/blob/main/LANGUAGE.md";

/// What to do about a component that is not found.
fn help_of_resolver(error: &wac_resolver::Error, components: &Path) -> Option<String> {
    let (wac_resolver::Error::UnknownPackage { name, .. }
    | wac_resolver::Error::PackageResolutionFailure { name, .. }) = error
    else {
        return None;
    };
    let path = components.join(name.replace(':', "/"));
    let ours = if name.starts_with("monty:") {
        "; adapters/build makes it"
    } else {
        ""
    };
    Some(format!(
        "put the component at {}.wasm{ours}",
        path.display()
    ))
}

/// What to do about a document that does not fit its components.
fn help_of_resolution(error: &wac_parser::resolution::Error) -> Option<String> {
    use wac_parser::resolution::Error;
    let help = match error {
        Error::PackageParseFailure { .. } => {
            "build the component again, for wasm32-wasip2 or with the componentizer of its language"
        }
        Error::MissingInstantiationArg { .. } => {
            "give the import a component's export, or end the arguments with `...`, which leaves \
             the rest to the runtime"
        }
        Error::MismatchedInstantiationArg { .. } => {
            "the two have to be built from the same version of the WIT, and the export has to be \
             of the interface that is imported"
        }
        Error::MissingInstanceExport { .. }
        | Error::MissingComponentImport { .. }
        | Error::SpreadInstantiationNoMatch { .. } => {
            "`wasm-tools component wit COMPONENT` lists what a component imports and exports"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// An error with the relevant lines of the document, as compilers show them.
fn report(
    error: impl miette::Diagnostic + Send + Sync + 'static,
    text: &str,
    document: &Path,
    help: Option<String>,
) -> anyhow::Error {
    let error = miette::Report::new(error);
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    let mut shown = causes.join(": ");
    for label in error.labels().into_iter().flatten() {
        let (before, rest) = text.split_at_checked(label.offset()).unwrap_or((text, ""));
        let indent = before.rsplit('\n').next().unwrap_or_default();
        let number = before.matches('\n').count() + 1;
        let column = indent.chars().count();
        let line = indent.to_owned() + rest.lines().next().unwrap_or_default();
        let marked = rest.get(..label.len()).unwrap_or_default();
        let marked = marked.lines().next().unwrap_or_default().chars().count();
        let margin = " ".repeat(number.to_string().len());
        shown += &format!(
            "\n{margin}--> {}:{number}:{}\n{margin} |\n{number} | {line}\n{margin} | {}{} {}",
            document.display(),
            column + 1,
            " ".repeat(column),
            "^".repeat(marked.max(1)),
            label.label().unwrap_or_default(),
        );
    }
    let shown = shown.trim_end();
    match help.or_else(|| error.help().map(|help| help.to_string())) {
        Some(help) => anyhow!("{shown}\nhelp: {help}"),
        None => anyhow!("{shown}"),
    }
}

/// The imports of `monty:` that a component leaves to its runtime. Interfaces
/// with only types, such as `monty:sandbox/types`, are excluded: they have
/// nothing to provide.
///
/// # Errors
///
/// If the bytes are not a component.
pub fn open_imports(component: &[u8]) -> Result<Vec<String>> {
    let mut types = Types::default();
    let package = Package::from_bytes("component", None, component.to_vec(), &mut types)?;
    let imports = types[package.ty()].imports.iter();
    Ok(imports
        .filter(|(name, _)| name.starts_with("monty:"))
        .filter(|(_, item)| match item {
            ItemKind::Instance(interface) => types[*interface]
                .exports
                .values()
                .any(|item| !matches!(item, ItemKind::Type(Type::Value(_)))),
            _ => true,
        })
        .map(|(name, _)| name.clone())
        .collect())
}

/// The names of all imports of a component.
///
/// # Errors
///
/// If the bytes are not a component.
pub fn imports_of(component: &[u8]) -> Result<Vec<String>> {
    let mut types = Types::default();
    let package = Package::from_bytes("component", None, component.to_vec(), &mut types)?;
    let imports = types[package.ty()].imports.keys();
    Ok(imports.cloned().collect())
}

/// Checks that a component fits a world of the last of the WIT folders: it has
/// the exports of the world, and no `monty:` imports beyond those of the world,
/// all with the same types. Imports of `wasi:` are the component's own.
///
/// # Errors
///
/// If it does not fit; the text names each wrong import and export.
pub fn check_fits(component: &[u8], wit: &[&Path], world: &str) -> Result<()> {
    let (resolve, package) = parse(wit)?;
    let encoded = wit_component::encode(&resolve, package)?;
    let mut types = Types::default();
    let wit = Package::from_bytes("wit", None, encoded, &mut types)?;
    let target = world_of(&types, wit.ty(), world)
        .with_context(|| format!("there is no world `{world}`"))?;
    let component = Package::from_bytes("component", None, component.to_vec(), &mut types)?;
    let Err(report) = validate_target(&types, target, component.ty()) else {
        return Ok(());
    };
    let wrong: Vec<String> = report
        .imports_not_in_target()
        .filter(|name| !name.starts_with("wasi:"))
        .map(|name| format!("{name} is imported"))
        .chain(
            report
                .missing_exports()
                .map(|(name, _)| format!("{name} is not exported")),
        )
        .chain(
            report
                .mismatched_types()
                .map(|(name, _, error)| format!("{name} differs: {error:#}")),
        )
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("the component does not fit `{world}`: {}", wrong.join("; "))
}

fn parse(folders: &[&Path]) -> Result<(Resolve, wit_parser::PackageId)> {
    let mut resolve = Resolve::default();
    let mut package = None;
    for folder in folders {
        package = Some(resolve.push_dir(folder)?.0);
    }
    Ok((resolve, package.context("no WIT folder is named")?))
}

/// The world of an encoded WIT package: an export that exports the world as a
/// component.
fn world_of(types: &Types, package: WorldId, name: &str) -> Option<WorldId> {
    let ItemKind::Type(Type::World(wrapper)) = types[package].exports.get(name)? else {
        return None;
    };
    match types[*wrapper].exports.values().next()? {
        ItemKind::Component(world) => Some(*world),
        _ => None,
    }
}
