//! What is written in `#[tool(…)]`.

use proc_macro2::TokenStream;
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Attribute, Error, Expr, LitBool, LitStr, Meta, Result};

/// The options of a tool.
#[derive(Default)]
pub struct ToolOptions {
    pub name: Option<LitStr>,
    pub awaited: bool,
    pub timeout_ms: Option<Expr>,
    pub returns: Option<Expr>,
    /// Each by the name of its method.
    pub annotations: Vec<(&'static str, bool)>,
}

/// The options of a parameter.
#[derive(Default)]
pub struct ParameterOptions {
    pub name: Option<LitStr>,
    pub default: Option<Expr>,
    pub keyword_only: bool,
    pub context: bool,
}

const ANNOTATIONS: [&str; 4] = ["read_only", "destructive", "idempotent", "open_world"];

impl ToolOptions {
    pub fn parse(arguments: TokenStream) -> Result<Self> {
        let mut options = Self::default();
        let mut seen = Seen::default();
        let parser = syn::meta::parser(|meta| {
            let name = seen.once(&meta)?;
            match name.as_str() {
                "name" => options.name = Some(meta.value()?.parse()?),
                "awaited" => options.awaited = true,
                "timeout_ms" => options.timeout_ms = Some(meta.value()?.parse()?),
                "returns" => options.returns = Some(meta.value()?.parse()?),
                name => match ANNOTATIONS.iter().find(|known| **known == name) {
                    Some(known) => options.annotations.push((known, flag(&meta)?)),
                    None => {
                        return Err(meta.error(
                            "a tool takes `name`, `awaited`, `timeout_ms`, `returns`, `read_only`, `destructive`, `idempotent` and `open_world`",
                        ));
                    }
                },
            }
            Ok(())
        });
        parser.parse2(arguments)?;
        Ok(options)
    }
}

impl ParameterOptions {
    /// Takes its own attributes from those of a parameter.
    pub fn take(attributes: &mut Vec<Attribute>) -> Result<Self> {
        let mut options = Self::default();
        let mut seen = Seen::default();
        for attribute in attributes.extract_if(.., |attribute| attribute.path().is_ident("tool")) {
            if let Meta::Path(_) = attribute.meta {
                return Err(Error::new_spanned(
                    attribute,
                    "say what of the parameter, such as `#[tool(default = 3)]`",
                ));
            }
            attribute.parse_nested_meta(|meta| {
                let name = seen.once(&meta)?;
                match name.as_str() {
                    "name" => options.name = Some(meta.value()?.parse()?),
                    "default" => options.default = Some(meta.value()?.parse()?),
                    "keyword_only" => options.keyword_only = true,
                    "context" => options.context = true,
                    _ => {
                        return Err(meta.error(
                            "a parameter takes `name`, `default`, `keyword_only` and `context`",
                        ));
                    }
                }
                if options.context
                    && (options.name.is_some() || options.default.is_some() || options.keyword_only)
                {
                    return Err(
                        meta.error("scripts do not see a context: leave its other options out")
                    );
                }
                Ok(())
            })?;
        }
        Ok(options)
    }
}

/// `name`, `name = true` or `name = false`.
fn flag(meta: &ParseNestedMeta<'_>) -> Result<bool> {
    match meta.input.peek(syn::Token![=]) {
        true => Ok(meta.value()?.parse::<LitBool>()?.value),
        false => Ok(true),
    }
}

/// The options that were there.
#[derive(Default)]
struct Seen(Vec<String>);

impl Seen {
    fn once(&mut self, meta: &ParseNestedMeta<'_>) -> Result<String> {
        let name = match meta.path.get_ident() {
            Some(name) => name.to_string(),
            None => String::new(),
        };
        if self.0.contains(&name) {
            return Err(meta.error(format_args!("`{name}` is there twice")));
        }
        self.0.push(name.clone());
        Ok(name)
    }
}
