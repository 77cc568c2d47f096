//! Calls imports through the table that the main module has anyway.
//!
//! An import that reads the memory of its caller can only be made once the caller has an
//! instance. So wit-component has the main module import functions of a *shim*, which
//! call through a table, and a *fix-up* module fill that table when the instance is
//! there. wasmtime looks up each of these functions by its name for each instance, and
//! each call takes one step more. Here the main module calls through its own table, made
//! longer, and the fix-up module fills that one.
//!
//! Destructors stay in the shim's table: it is the component that calls them, and it needs
//! them before there is an instance.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;

use wasm_encoder::reencode::{self, Reencode, ReencodeComponent};
use wasm_encoder::{
    Alias, CodeSection, Component, ComponentAliasSection, ComponentSectionId, ConstExpr,
    ElementSection, Elements, EntityType, ExportKind, ExportSection, ImportSection,
    InstanceSection, Instruction, RawSection, RefType, TableSection, TableType,
};
use wasmparser::{
    CanonicalFunction, Chunk, ComponentAlias, ExternalKind, FunctionBody, Import, Instance,
    Operator, Parser, Payload, TypeRef,
};

/// What wit-component calls the shim's table.
const SHIM_TABLE: &str = "$imports";
/// What the main module's table is exported as, and given to the fix-up module.
const MAIN_TABLE: &str = "$main";

/// The component in which imports are in the main module's table, and how many are.
pub fn into_table(component: &[u8]) -> Result<(Vec<u8>, usize), Box<dyn Error>> {
    let plan = Plan::of(component)?;
    let moved = plan.moved.len();
    let mut rewriter = Rewriter {
        plan,
        modules: 0,
        instances: 0,
        module: Module::Other,
    };
    let mut rewritten = Component::new();
    rewriter.parse_component(&mut rewritten, Parser::new(0), component)?;
    Ok((rewritten.finish(), moved))
}

/// Why a component is not rewritten.
#[derive(Debug)]
enum Unfit {
    /// What it does not have.
    Lacks(&'static str),
    /// The main module does something else with this import than to call it.
    IsAValue(u32),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lacks(what) => write!(f, "the component has no {what}"),
            Self::IsAValue(import) => write!(f, "import {import} is not only called"),
        }
    }
}

impl Error for Unfit {}

/// What is where in the component, each by its index.
struct Plan {
    /// Modules.
    main: u32,
    fixup: u32,
    /// The instance of the main module.
    main_instance: u32,
    /// The instance that the fix-up module imports from.
    fixup_arguments: u32,
    /// How many core tables there are before that: the index of the main module's.
    tables: u32,
    /// The imports of the main module that go into its table.
    moved: HashMap<u32, Moved>,
    /// How many functions the main module imports.
    imported: u32,
    /// How long its table is.
    length: u32,
}

/// An import of the main module that goes into its table.
#[derive(Clone, Copy)]
struct Moved {
    /// Its place in the shim's table, and behind what is in the main module's.
    slot: u32,
    /// The index of its type.
    ty: u32,
}

impl Plan {
    fn of(component: &[u8]) -> Result<Self, Box<dyn Error>> {
        let core = Core::of(component)?;
        let (fixup, fixup_arguments) = core
            .instances
            .iter()
            .find_map(|(instance, _)| match instance {
                Instance::Instantiate { module_index, args } => {
                    let [arguments] = &args[..] else { return None };
                    let exports = core.exports(arguments.index);
                    let is_fixup = exports.iter().any(|it| it.name == SHIM_TABLE);
                    is_fixup.then_some((*module_index, arguments.index))
                }
                Instance::FromExports(_) => None,
            })
            .ok_or(Unfit::Lacks("fix-up module"))?;
        let (shim_instance, _) = core
            .tables
            .iter()
            .find(|(_, name)| *name == SHIM_TABLE)
            .ok_or(Unfit::Lacks("shim"))?;

        let (mut main, mut slots) = (None, HashMap::new());
        for (index, (instance, _)) in core.instances.iter().enumerate() {
            let Instance::Instantiate { module_index, args } = instance else {
                continue;
            };
            for arguments in args {
                for export in core.exports(arguments.index) {
                    if export.kind == ExternalKind::Func
                        && let Some((from, slot)) = core.functions[export.index as usize]
                        && from == *shim_instance
                    {
                        main = Some((*module_index, index as u32));
                        slots.insert((arguments.name, export.name), slot.parse::<u32>()?);
                    }
                }
            }
        }
        let (main, main_instance) = main.ok_or(Unfit::Lacks("main module"))?;

        let (mut moved, mut imported, mut length) = (HashMap::new(), 0, None);
        for payload in Parser::new(0).parse_all(core.modules[main as usize]) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let Import { module, name, ty } = import?;
                        let TypeRef::Func(ty) = ty else {
                            return Err(Unfit::Lacks("main module of its own memory").into());
                        };
                        if let Some(&slot) = slots.get(&(module, name)) {
                            moved.insert(imported, Moved { slot, ty });
                        }
                        imported += 1;
                    }
                }
                Payload::TableSection(tables) => {
                    for table in tables {
                        // The first.
                        length = length.or(Some(table?.ty.initial));
                    }
                }
                _ => {}
            }
        }
        let count = moved.len() as u32;
        if moved.values().any(|it| it.slot >= count) {
            return Err(Unfit::Lacks("shim in which imports come before destructors").into());
        }
        Ok(Self {
            main,
            fixup,
            main_instance,
            fixup_arguments,
            tables: core.instances[fixup_arguments as usize].1,
            moved,
            imported,
            length: u32::try_from(length.ok_or(Unfit::Lacks("table"))?)?,
        })
    }
}

/// The core of a component.
#[derive(Default)]
struct Core<'a> {
    modules: Vec<&'a [u8]>,
    /// Each with the number of tables before it.
    instances: Vec<(Instance<'a>, u32)>,
    /// Of which export of which instance each function is an alias, if it is one.
    functions: Vec<Option<(u32, &'a str)>>,
    /// Of which export of which instance each table is an alias.
    tables: Vec<(u32, &'a str)>,
}

impl<'a> Core<'a> {
    fn of(component: &'a [u8]) -> wasmparser::Result<Self> {
        let mut core = Self::default();
        let mut parser = Parser::new(0);
        let mut at = 0;
        while let Some(rest) = component.get(at..).filter(|rest| !rest.is_empty()) {
            let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
                break;
            };
            at += consumed;
            match payload {
                Payload::ModuleSection {
                    unchecked_range, ..
                } => {
                    let range = unchecked_range.start as usize..unchecked_range.end as usize;
                    at = range.end;
                    core.modules.push(&component[range]);
                }
                Payload::ComponentSection {
                    unchecked_range, ..
                } => at = unchecked_range.end as usize,
                Payload::ComponentCanonicalSection(section) => {
                    for function in section {
                        if !matches!(function?, CanonicalFunction::Lift { .. }) {
                            core.functions.push(None);
                        }
                    }
                }
                Payload::ComponentAliasSection(section) => {
                    for alias in section {
                        if let ComponentAlias::CoreInstanceExport {
                            kind,
                            instance_index,
                            name,
                        } = alias?
                        {
                            match kind {
                                ExternalKind::Func => {
                                    core.functions.push(Some((instance_index, name)));
                                }
                                ExternalKind::Table => core.tables.push((instance_index, name)),
                                _ => {}
                            }
                        }
                    }
                }
                Payload::InstanceSection(section) => {
                    for instance in section {
                        core.instances.push((instance?, core.tables.len() as u32));
                    }
                }
                _ => {}
            }
        }
        Ok(core)
    }

    /// What an instance exports that is no module's.
    fn exports(&self, instance: u32) -> &[wasmparser::Export<'a>] {
        match &self.instances[instance as usize].0 {
            Instance::FromExports(exports) => exports,
            Instance::Instantiate { .. } => &[],
        }
    }
}

/// What the module at hand is.
#[derive(Clone, Copy, PartialEq)]
enum Module {
    Main,
    Fixup,
    Other,
}

struct Rewriter {
    plan: Plan,
    /// How many modules and core instances came before.
    modules: u32,
    instances: u32,
    module: Module,
}

impl ReencodeComponent for Rewriter {
    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        parser: Parser,
        module: &[u8],
    ) -> Result<(), reencode::Error<Unfit>> {
        self.module = match self.modules {
            index if index == self.plan.main => Module::Main,
            index if index == self.plan.fixup => Module::Fixup,
            _ => Module::Other,
        };
        self.modules += 1;
        reencode::component_utils::parse_component_submodule(self, component, parser, module)?;
        self.module = Module::Other;
        Ok(())
    }

    fn parse_component_subcomponent(
        &mut self,
        component: &mut Component,
        _: Parser,
        subcomponent: &[u8],
        _: &[u8],
    ) -> Result<(), reencode::Error<Unfit>> {
        // Its modules and instances are its own.
        component.section(&RawSection {
            id: ComponentSectionId::Component as u8,
            data: subcomponent,
        });
        Ok(())
    }

    fn parse_component_payload(
        &mut self,
        component: &mut Component,
        payload: Payload<'_>,
        whole: &[u8],
    ) -> Result<(), reencode::Error<Unfit>> {
        if let Payload::InstanceSection(section) = &payload {
            let instances = self.instances..self.instances + section.count();
            if instances.contains(&self.plan.fixup_arguments) {
                let mut aliases = ComponentAliasSection::new();
                aliases.alias(Alias::CoreInstanceExport {
                    instance: self.plan.main_instance,
                    kind: ExportKind::Table,
                    name: MAIN_TABLE,
                });
                component.section(&aliases);
            }
        }
        reencode::component_utils::parse_component_payload(self, component, payload, whole)
    }

    fn parse_instance(
        &mut self,
        instances: &mut InstanceSection,
        instance: Instance<'_>,
    ) -> Result<(), reencode::Error<Unfit>> {
        let index = self.instances;
        self.instances += 1;
        match instance {
            Instance::FromExports(exports) if index == self.plan.fixup_arguments => {
                let mut items = Vec::new();
                for export in &exports {
                    items.push((export.name, self.export_kind(export.kind)?, export.index));
                }
                items.push((MAIN_TABLE, ExportKind::Table, self.plan.tables));
                instances.export_items(items);
                Ok(())
            }
            instance => reencode::component_utils::parse_instance(self, instances, instance),
        }
    }
}

impl Reencode for Rewriter {
    type Error = Unfit;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Unfit>> {
        let Plan {
            moved, imported, ..
        } = &self.plan;
        if self.module != Module::Main {
            return Ok(function);
        }
        if moved.contains_key(&function) {
            return Err(reencode::Error::UserError(Unfit::IsAValue(function)));
        }
        let gone = if function < *imported {
            moved.keys().filter(|it| **it < function).count()
        } else {
            moved.len()
        };
        Ok(function - gone as u32)
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Unfit>> {
        for (index, import) in section.into_imports().enumerate() {
            let import = import?;
            let moved =
                self.module == Module::Main && self.plan.moved.contains_key(&(index as u32));
            if !moved {
                self.parse_import(imports, import)?;
            }
        }
        if self.module == Module::Fixup {
            let table = TableType {
                element_type: RefType::FUNCREF,
                table64: false,
                minimum: u64::from(self.plan.length) + self.plan.moved.len() as u64,
                maximum: None,
                shared: false,
            };
            imports.import("", MAIN_TABLE, EntityType::Table(table));
        }
        Ok(())
    }

    fn parse_table(
        &mut self,
        tables: &mut TableSection,
        mut table: wasmparser::Table<'_>,
    ) -> Result<(), reencode::Error<Unfit>> {
        if self.module == Module::Main && tables.is_empty() {
            let moved = self.plan.moved.len() as u64;
            table.ty.initial += moved;
            table.ty.maximum = table.ty.maximum.map(|maximum| maximum + moved);
        }
        reencode::utils::parse_table(self, tables, table)
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Unfit>> {
        reencode::utils::parse_export_section(self, exports, section)?;
        if self.module == Module::Main {
            exports.export(MAIN_TABLE, ExportKind::Table, 0);
        }
        Ok(())
    }

    fn parse_element(
        &mut self,
        elements: &mut ElementSection,
        element: wasmparser::Element<'_>,
    ) -> Result<(), reencode::Error<Unfit>> {
        if self.module != Module::Fixup {
            return reencode::utils::parse_element(self, elements, element);
        }
        let Elements::Functions(functions) = self.element_items(element.items)? else {
            return Err(reencode::Error::UserError(Unfit::Lacks("list of imports")));
        };
        let moved = self.plan.moved.len();
        let (imports, destructors) = functions.split_at(moved);
        let at = |slot: u32| ConstExpr::i32_const(slot as i32);
        elements.active(
            Some(1),
            &at(self.plan.length),
            Elements::Functions(imports.into()),
        );
        elements.active(
            None,
            &at(moved as u32),
            Elements::Functions(destructors.into()),
        );
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Unfit>> {
        if self.module != Module::Main {
            return reencode::utils::parse_function_body(self, code, body);
        }
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            if let Operator::Call { function_index } = operator
                && let Some(Moved { slot, ty }) = self.plan.moved.get(&function_index)
            {
                function.instruction(&Instruction::I32Const((self.plan.length + slot) as i32));
                function.instruction(&Instruction::CallIndirect {
                    type_index: *ty,
                    table_index: 0,
                });
            } else {
                function.instruction(&self.instruction(operator)?);
            }
        }
        code.function(&function);
        Ok(())
    }
}
