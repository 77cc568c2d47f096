//! What `#[tool]` writes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Result;
use syn::spanned::Spanned;

use crate::attributes::ToolOptions;
use crate::function::Function;
use crate::parameter::Parameter;
use crate::{doc, python};

/// The function, and the type with the function `tool`.
///
/// A type, so that `name::tool` is found wherever `name` is: in a module, in the
/// body of a function, and through `use`. A module of that name could not see
/// what is around it in a body.
pub fn tool(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options = ToolOptions::parse(arguments)?;
    let mut function: Function = syn::parse2(item)?;
    let parameters = function.take_parameters()?;
    let ident = &function.signature.ident;
    let name = python::name(ident, options.name.as_ref())?;
    let visibility = &function.visibility;
    let conditions = function
        .attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect::<Vec<_>>();

    let mut given = Vec::new();
    let mut contexts = Vec::new();
    let mut passed = Vec::new();
    for parameter in &parameters {
        match parameter {
            Parameter::Given(parameter) => {
                let variable = &parameter.variable;
                passed.push(quote!(#variable));
                given.push(parameter);
            }
            Parameter::Context(context) => {
                passed.push(context.argument());
                contexts.push(context);
            }
        }
    }
    // What the user wrote cannot mean it.
    let description = Ident::new("description", Span::mixed_site());
    let accepted = contexts.iter().map(|context| context.parameter());
    let kept = contexts.iter().map(|context| context.keep());
    let checks = given.iter().map(|parameter| parameter.check());
    let described = given
        .iter()
        .map(|parameter| parameter.describe(&description));
    let described = match given.is_empty() {
        true => quote!(()),
        false => quote!([#(#described),*]),
    };
    let variables = given.iter().map(|parameter| {
        let (variable, ty) = (&parameter.variable, &parameter.ty);
        quote!(#variable: #ty)
    });
    let call = quote!(#ident(#(#passed),*));
    let body = match function.signature.asyncness {
        None => call,
        Some(_) => {
            let clones = contexts.iter().map(|context| {
                let variable = &context.variable;
                quote!(let #variable = ::core::clone::Clone::clone(&#variable);)
            });
            quote!({ #(#clones)* async move { #call.await } })
        }
    };
    let settings = settings(&options, &function, &description);
    let result = function.result();
    let checked = quote_spanned!(result.span()=> __private::result::<_, #result>(););
    let about = format!("The tool `{name}`: [`tool`](Self::tool) makes it.");
    let makes = match contexts.is_empty() {
        true => "The tool, for a toolbox.",
        false => "The tool, for a toolbox, with what scripts do not give it.",
    };
    Ok(quote! {
        #function

        #(#conditions)*
        #[doc = #about]
        #[allow(non_camel_case_types)]
        #visibility enum #ident {}

        #(#conditions)*
        impl #ident {
            #[doc = #makes]
            #[must_use]
            #visibility fn tool(#(#accepted),*) -> ::monty_code_mode::AgentTool {
                use ::monty_code_mode::__private;

                #(#checks)*
                #checked
                #(#kept)*
                let #description = __private::Description::new(#name);
                let parameters = #described;
                let tool = __private::Tool::new(#name, parameters, move |#(#variables),*| #body);
                #settings
            }
        }
    })
}

/// What follows the tool.
fn settings(options: &ToolOptions, function: &Function, description: &Ident) -> TokenStream {
    let mut tool = quote!(tool);
    if let Some(text) = doc::description(&function.attributes) {
        tool.extend(quote!(.description(#text)));
    }
    if options.awaited {
        tool.extend(quote!(.awaited()));
    }
    if let Some(timeout) = &options.timeout_ms {
        tool.extend(quote!(.timeout(::core::time::Duration::from_millis(#timeout))));
    }
    let result = function.result();
    let returns = match &options.returns {
        Some(returns) => quote!(#returns),
        None => quote!({
            #[allow(unused_imports, reason = "which of them is called depends on the type")]
            use ::monty_code_mode::__private::{TypeOfAnything as _, TypeOfDeserialize as _, ValueOfAnything as _};
            (&__private::Returned::<#result>::NEW.value()).ty(&#description)
        }),
    };
    let annotations = options.annotations.iter().map(|(name, value)| {
        let name = format_ident!("{name}");
        quote!(.#name(#value))
    });
    quote! {
        let returns = #returns;
        #description.finish(
            #tool.returns(returns),
            ::monty_code_mode::Annotations::new()#(#annotations)*,
        )
    }
}
