//! The parameters of a function that is a tool.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, FnArg, Lit, Pat, Result, Type};

use crate::attributes::ParameterOptions;
use crate::{doc, python};

/// A parameter of the function.
pub enum Parameter {
    /// One that scripts give.
    Given(Box<Given>),
    /// One that the program gives.
    Context(Context),
}

/// A parameter of the tool.
pub struct Given {
    /// What the closure around the function calls it.
    pub variable: Ident,
    pub ty: Type,
    pub name: String,
    /// Of the name.
    pub place: Span,
    pub default: Option<Expr>,
    pub keyword_only: bool,
    description: Option<TokenStream>,
}

/// A value of the program's.
pub struct Context {
    pub variable: Ident,
    ty: Box<Type>,
}

impl Parameter {
    /// Takes what is for the tool from the attributes of a parameter.
    pub fn take(argument: &mut FnArg, index: usize) -> Result<Self> {
        let argument = match argument {
            FnArg::Typed(argument) => argument,
            FnArg::Receiver(receiver) => {
                return Err(Error::new_spanned(
                    receiver,
                    "a tool is no method: write a function, with `#[tool(context)] this: &…` in place of `self`",
                ));
            }
        };
        let options = ParameterOptions::take(&mut argument.attrs)?;
        let ident = match argument.pat.as_ref() {
            Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => &pat.ident,
            pat => {
                return Err(Error::new_spanned(
                    pat,
                    "a parameter of a tool is a name, as scripts give it by that: take it apart in the body",
                ));
            }
        };
        let description = doc::description(&argument.attrs);
        argument.attrs.retain(|attribute| !is_doc(attribute));
        let ty = argument.ty.as_ref().clone();
        if let Type::ImplTrait(_) = ty {
            return Err(Error::new_spanned(
                ty,
                "a tool is not generic: name the type",
            ));
        }
        if options.context {
            // Documentation shows it.
            let mut variable = ident.clone();
            variable.set_span(variable.span().resolved_at(Span::mixed_site()));
            return Ok(Self::Context(Context {
                variable,
                ty: Box::new(ty),
            }));
        }
        if let Type::Reference(reference) = &ty {
            let owned = match reference.elem.as_ref() {
                Type::Path(path) if path.path.is_ident("str") => "take a `String`",
                Type::Slice(_) => "take a `Vec`",
                _ => "take it by value, or mark what is the program's with `#[tool(context)]`",
            };
            let message = format!("a tool owns its arguments: {owned}");
            return Err(Error::new_spanned(reference, message));
        }
        Ok(Self::Given(Box::new(Given {
            variable: format_ident!("argument_{index}", span = Span::mixed_site()),
            name: python::name(ident, options.name.as_ref())?,
            place: ident.span(),
            ty,
            default: options.default,
            keyword_only: options.keyword_only,
            description,
        })))
    }
}

fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

impl Given {
    /// Whether it is written as an `Option`, which `None` is the default of.
    pub fn is_option(&self) -> bool {
        match &self.ty {
            Type::Path(path) => path
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "Option"),
            _ => false,
        }
    }

    /// The parameter of the tool. The variable is that of its `Description`.
    pub fn describe(&self, description: &Ident) -> TokenStream {
        let Self { name, ty, .. } = self;
        let mut parameter = quote!(__private::Parameter::new(#name));
        if let Some(text) = &self.description {
            parameter.extend(quote!(.description(#text)));
        }
        if self.keyword_only {
            parameter.extend(quote!(.keyword_only()));
        }
        match &self.default {
            None => parameter,
            Some(default) => {
                let value = match default {
                    Expr::Lit(ExprLit {
                        lit: Lit::Str(text),
                        ..
                    }) => quote_spanned!(text.span()=> ::core::convert::From::from(#text)),
                    default => quote!(#default),
                };
                quote_spanned!(default.span()=> {
                    let default: #ty = #value;
                    #description.default(#parameter, &default)
                })
            }
        }
    }

    /// An error at the type if it is none of an argument.
    pub fn check(&self) -> TokenStream {
        let ty = &self.ty;
        quote_spanned!(ty.span()=> __private::argument::<#ty>();)
    }
}

impl Context {
    /// The type of the parameter of `tool`.
    pub fn parameter(&self) -> TokenStream {
        let variable = &self.variable;
        match self.ty.as_ref() {
            Type::Reference(reference) => {
                let ty = &reference.elem;
                quote!(#variable: impl ::core::convert::Into<::std::sync::Arc<#ty>>)
            }
            ty => quote!(#variable: #ty),
        }
    }

    /// Makes what `tool` keeps.
    pub fn keep(&self) -> TokenStream {
        let variable = &self.variable;
        match self.ty.as_ref() {
            Type::Reference(reference) => {
                let ty = &reference.elem;
                quote!(let #variable: ::std::sync::Arc<#ty> = ::core::convert::Into::into(#variable);)
            }
            _ => TokenStream::new(),
        }
    }

    /// What a call gives the function.
    pub fn argument(&self) -> TokenStream {
        let variable = &self.variable;
        match self.ty.as_ref() {
            Type::Reference(_) => quote!(&*#variable),
            _ => quote!(::core::clone::Clone::clone(&#variable)),
        }
    }
}
