//! Documentation as the description of a tool or a parameter.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of the documentation among attributes, or nothing.
pub fn description(attributes: &[Attribute]) -> Option<TokenStream> {
    let mut parts = Vec::new();
    let mut text = String::new();
    for attribute in attributes {
        let Meta::NameValue(meta) = &attribute.meta else {
            continue;
        };
        if !meta.path.is_ident("doc") {
            continue;
        }
        match &meta.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(line),
                ..
            }) => {
                text += &line.value();
                text.push('\n');
            }
            // Such as `include_str!`.
            other => {
                let before = dedented(&std::mem::take(&mut text));
                parts.push(quote!(#before, #other, "\n"));
            }
        }
    }
    let text = dedented(&text);
    if parts.is_empty() {
        let text = text.trim();
        return (!text.is_empty()).then(|| quote!(#text));
    }
    Some(quote!(::core::concat!(#(#parts,)* #text).trim()))
}

/// Without the space that all lines begin with.
fn dedented(text: &str) -> String {
    let is_blank = |line: &&str| line.trim().is_empty();
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines = text.lines().filter(|line| !is_blank(line));
    let common = lines.map(indentation).min().unwrap_or(0);
    let lines = text.lines().map(|line| line.get(common..).unwrap_or(""));
    lines.flat_map(|line| [line.trim_end(), "\n"]).collect()
}
