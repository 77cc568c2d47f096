//! Composes Monty with its adapters, so that it runs without a host of its own.
//!
//! - [`compose`]: the component that a WAC document describes.
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
/// If the document is wrong, a component is missing, two do not fit, or an
/// import of `monty:` is left open. WAC passes an import on that nothing was
/// found for; to a runtime it would be one that nobody has.
pub fn compose(document: &Path, components: &Path) -> Result<Vec<u8>> {
    let shown = document.display();
    let text = std::fs::read_to_string(document).with_context(|| format!("cannot read {shown}"))?;
    let parsed = Document::parse(&text).map_err(|error| report(error, &text, document))?;
    let keys = packages(&parsed).map_err(|error| report(error, &text, document))?;
    let resolver = FileSystemPackageResolver::new(components, HashMap::new(), true);
    let found = resolver
        .resolve(&keys)
        .map_err(|error| report(error, &text, document))?;
    let resolution = parsed
        .resolve(found)
        .map_err(|error| report(error, &text, document))?;
    let component = resolution
        .encode(EncodeOptions::default())
        .map_err(|error| report(error, &text, document))?;
    let open = open_imports(&component)?;
    if !open.is_empty() {
        bail!(
            "{shown} leaves open what no runtime has: {}",
            open.join(", ")
        );
    }
    Ok(component)
}

/// An error with the line of the document that it is about.
fn report(
    error: impl miette::Diagnostic + Send + Sync + 'static,
    text: &str,
    document: &Path,
) -> anyhow::Error {
    let source = miette::NamedSource::new(document.display().to_string(), text.to_owned());
    anyhow!("{:?}", miette::Report::new(error).with_source_code(source))
}

/// The imports of `monty:` that a component leaves to its runtime. An interface
/// that holds nothing but types, as `monty:sandbox/types` does, is none: there
/// is nothing in it to provide.
///
/// # Errors
///
/// If it is no component.
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

/// The names of all that a component imports.
///
/// # Errors
///
/// If it is no component.
pub fn imports_of(component: &[u8]) -> Result<Vec<String>> {
    let mut types = Types::default();
    let package = Package::from_bytes("component", None, component.to_vec(), &mut types)?;
    let imports = types[package.ty()].imports.keys();
    Ok(imports.cloned().collect())
}

/// Checks that a component fits a world of the last of the WIT folders: it
/// exports what the world exports, and of `monty:` it imports nothing that the
/// world does not import, all with the same types. Imports of `wasi:` are the
/// component's own.
///
/// # Errors
///
/// If it does not fit; the text names each import and export that is wrong.
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

/// The world of a WIT package that was encoded: an export that exports the
/// world as a component.
fn world_of(types: &Types, package: WorldId, name: &str) -> Option<WorldId> {
    let ItemKind::Type(Type::World(wrapper)) = types[package].exports.get(name)? else {
        return None;
    };
    match types[*wrapper].exports.values().next()? {
        ItemKind::Component(world) => Some(*world),
        _ => None,
    }
}
