//! Keeps short copies of memory in WebAssembly.
//!
//! LLVM makes `memory.copy` and `memory.fill` of every copy whose length is not small
//! and known. wasmtime calls the host for them, which takes longer than most of these
//! copies. Here they become calls of two functions that the component exports for it
//! (`src/copy.rs`): those do what is short themselves, and keep the instructions for
//! the rest. Copies whose length is a small constant stay, since wasmtime compiles them
//! to loads and stores.

use std::error::Error;
use std::fmt;

use wasm_encoder::reencode::{self, Reencode, ReencodeComponent};
use wasm_encoder::{CodeSection, Component, Instruction};
use wasmparser::{ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef};

/// The exports that stand for `memory.copy` and `memory.fill`.
const COPY: &str = "copy_bytes";
const FILL: &str = "fill_bytes";

/// The longest copy of constant length that wasmtime compiles to loads and stores.
/// (`INLINE_COPY_MAX_BYTES` of wasmtime-cranelift 48)
const MOST_INLINE_BYTES: i32 = 128;

/// The component in which copies are calls, and how many became calls.
pub fn into_calls(component: &[u8]) -> Result<(Vec<u8>, usize), Box<dyn Error>> {
    let mut rewriter = Rewriter::default();
    let mut rewritten = Component::new();
    rewriter.parse_component(&mut rewritten, Parser::new(0), component)?;
    if rewriter.rewritten == 0 {
        return Err(format!("no module exports `{COPY}` and `{FILL}`").into());
    }
    Ok((rewritten.finish(), rewriter.rewritten))
}

/// Why a component is not rewritten.
#[derive(Debug)]
struct UsesTheStack;

impl fmt::Display for UsesTheStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{COPY}` or `{FILL}` uses the stack, or calls something")
    }
}

impl Error for UsesTheStack {}

#[derive(Default)]
struct Rewriter {
    /// What the module at hand exports for this, if it does.
    functions: Option<Functions>,
    /// The index of the function at hand.
    function: u32,
    /// The constant right before the instruction at hand.
    constant: Option<i32>,
    /// How many instructions became calls.
    rewritten: usize,
}

/// Indices of functions.
struct Functions {
    copy: u32,
    fill: u32,
    /// How many are imported: they come first.
    imported: u32,
    /// Which globals are variables. The stack pointer is.
    variables: Vec<bool>,
}

impl Functions {
    /// What a module exports. `None` if it does not export both.
    fn of(module: &[u8]) -> wasmparser::Result<Option<Self>> {
        let (mut copy, mut fill, mut imported, mut variables) = (None, None, 0, Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import?.ty {
                            TypeRef::Func(_) => imported += 1,
                            TypeRef::Global(ty) => variables.push(ty.mutable),
                            _ => {}
                        }
                    }
                }
                Payload::GlobalSection(globals) => {
                    for global in globals {
                        variables.push(global?.ty.mutable);
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        match (export.kind, export.name) {
                            (ExternalKind::Func, COPY) => copy = Some(export.index),
                            (ExternalKind::Func, FILL) => fill = Some(export.index),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(copy.zip(fill).map(|(copy, fill)| Self {
            copy,
            fill,
            imported,
            variables,
        }))
    }
}

impl ReencodeComponent for Rewriter {
    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        parser: Parser,
        module: &[u8],
    ) -> Result<(), reencode::Error<UsesTheStack>> {
        self.functions = Functions::of(module)?;
        reencode::component_utils::parse_component_submodule(self, component, parser, module)
    }
}

impl Reencode for Rewriter {
    type Error = UsesTheStack;

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error<UsesTheStack>> {
        self.function = self.functions.as_ref().map_or(0, |it| it.imported);
        reencode::utils::parse_code_section(self, code, section)
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), reencode::Error<UsesTheStack>> {
        self.constant = None;
        reencode::utils::parse_function_body(self, code, body)?;
        self.function += 1;
        Ok(())
    }

    fn instruction<'a>(
        &mut self,
        operator: Operator<'a>,
    ) -> Result<Instruction<'a>, reencode::Error<UsesTheStack>> {
        let constant = self.constant.take();
        if let Some(functions) = &self.functions
            && (self.function == functions.copy || self.function == functions.fill)
        {
            // A function that calls nothing keeps values below the stack pointer, where
            // what it now calls may keep none.
            let unfit = match operator {
                Operator::GlobalGet { global_index } => functions.variables[global_index as usize],
                Operator::GlobalSet { .. }
                | Operator::Call { .. }
                | Operator::CallIndirect { .. } => true,
                _ => false,
            };
            if unfit {
                return Err(reencode::Error::UserError(UsesTheStack));
            }
        } else if let Some(functions) = &self.functions {
            let short = constant.is_some_and(|length| (0..=MOST_INLINE_BYTES).contains(&length));
            let call = match operator {
                Operator::MemoryCopy {
                    dst_mem: 0,
                    src_mem: 0,
                } if !short => Some(functions.copy),
                Operator::MemoryFill { mem: 0 } => Some(functions.fill),
                _ => None,
            };
            if let Some(function) = call {
                self.rewritten += 1;
                return Ok(Instruction::Call(function));
            }
        }
        if let Operator::I32Const { value } = operator {
            self.constant = Some(value);
        }
        reencode::utils::instruction(self, operator)
    }
}
