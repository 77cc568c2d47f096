//! The function that is a tool.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Result, ReturnType, Safety, Signature, Type, Visibility};

use crate::parameter::Parameter;

/// The most parameters of a tool, as `Tool::new` has it.
const MAX_PARAMETERS: usize = 8;

/// A function, with its body as it was written.
pub struct Function {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub signature: Signature,
    body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse().map_err(|error: Error| {
            let message = format!("`#[tool]` makes a tool of a function: {error}");
            Error::new(error.span(), message)
        })?;
        Ok(Self {
            attributes,
            visibility,
            signature,
            body: input.parse()?,
        })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.attributes.iter().map(ToTokens::to_token_stream));
        self.visibility.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

impl Function {
    /// Checks it, and takes what is for the tool from its parameters.
    pub fn take_parameters(&mut self) -> Result<Vec<Parameter>> {
        let signature = &mut self.signature;
        let mut problems = Problems::default();
        if !signature.generics.params.is_empty() {
            problems.add(Error::new_spanned(
                &signature.generics,
                "a tool is not generic: its types are what scripts are told",
            ));
        }
        if let Safety::Unsafe(token) = &signature.safety {
            problems.add(Error::new_spanned(
                token,
                "a tool is safe to call: scripts call it with what they like",
            ));
        }
        if let Some(variadic) = &signature.variadic {
            problems.add(Error::new_spanned(
                variadic,
                "a tool has a type for each parameter",
            ));
        }
        if let Err(error) = check_result(&signature.output) {
            problems.add(error);
        }
        let mut parameters = Vec::new();
        let mut given = 0;
        for (index, argument) in signature.inputs.iter_mut().enumerate() {
            match Parameter::take(argument, index) {
                Ok(parameter) => {
                    given += usize::from(matches!(parameter, Parameter::Given(_)));
                    if given == MAX_PARAMETERS + 1 {
                        problems.add(Error::new(
                            argument.span(),
                            format_args!(
                                "a tool has at most {MAX_PARAMETERS} parameters: put some together in a struct"
                            ),
                        ));
                    }
                    parameters.push(parameter);
                }
                Err(error) => problems.add(error),
            }
        }
        check_order(&parameters, &mut problems);
        match problems.0 {
            None => Ok(parameters),
            Some(error) => Err(error),
        }
    }

    /// What it returns, or what its future does.
    pub fn result(&self) -> TokenStream {
        match &self.signature.output {
            ReturnType::Default => quote::quote!(()),
            ReturnType::Type(_, ty) => ty.to_token_stream(),
        }
    }
}

/// Whether a call can fill the parameters, as in a `def`.
fn check_order(parameters: &[Parameter], problems: &mut Problems) {
    let (mut optional, mut by_name) = (None, None);
    for parameter in parameters {
        let Parameter::Given(parameter) = parameter else {
            continue;
        };
        if parameter.keyword_only {
            by_name = Some(&parameter.name);
            continue;
        }
        let name = &parameter.name;
        if let Some(other) = by_name {
            let message = format!(
                "`{name}` follows `{other}`, which is keyword-only: put it first, or make it `keyword_only` too"
            );
            problems.add(Error::new(parameter.place, message));
        }
        match (&parameter.default, optional) {
            (Some(_), _) => optional = Some(name),
            (None, Some(other)) if !parameter.is_option() => {
                let message = format!(
                    "`{name}` follows `{other}`, which has a default: give it one, put it first, or make it `keyword_only`"
                );
                problems.add(Error::new(parameter.place, message));
            }
            (None, _) => {}
        }
    }
}

fn check_result(output: &ReturnType) -> Result<()> {
    let ReturnType::Type(_, ty) = output else {
        return Ok(());
    };
    match ty.as_ref() {
        Type::ImplTrait(_) => Err(Error::new_spanned(
            ty,
            "the type of a tool's result is what scripts are told: name it, and write `async fn` in place of `impl Future`",
        )),
        Type::Reference(reference) => match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => Ok(()),
            _ => Err(Error::new_spanned(
                ty,
                "a tool's result outlives the call: return it by value",
            )),
        },
        _ => Ok(()),
    }
}

/// All that is wrong, each at its place.
#[derive(Default)]
struct Problems(Option<Error>);

impl Problems {
    fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }
}
