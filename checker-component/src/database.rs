//! The database that ty keeps what it knows in: files in memory, and the typeshed.

use std::sync::Arc;

use ruff_db::Db as SourceDb;
use ruff_db::diagnostic::Diagnostic;
use ruff_db::file_revision::FileRevision;
use ruff_db::files::{File, FileRootKind, Files, system_path_to_file};
use ruff_db::system::{
    DbWithTestSystem, DbWithWritableSystem as _, System, SystemPath, SystemPathBuf, TestSystem,
};
use ruff_db::vendored::VendoredFileSystem;
use ruff_python_ast::PythonVersion;
use salsa::Setter as _;
use ty_module_resolver::{Db as ModuleResolverDb, FallibleStrategy, SearchPathSettings};
use ty_python_core::platform::PythonPlatform;
use ty_python_core::program::{Program, ProgramSettings};
use ty_python_core::{Db as PythonCoreDb, ProgramFile};
use ty_python_semantic::dependency::DependencyMetadata;
use ty_python_semantic::lint::{LintRegistry, LintSource, RuleSelection};
use ty_python_semantic::{
    AnalysisSettings, Db, PythonVersionSource, PythonVersionWithSource, check_file_unwrap,
    default_lint_registry,
};

use crate::typeshed;

/// The folder of all files in memory.
const ROOT: &str = "/";

/// The folder of the host's modules.
const MODULES: &str = "/host";

/// Rules that speak about style, or about what only other checkers do with a script.
const OFF: [&str; 17] = [
    "dataclass-field-order",
    "deprecated",
    "escape-character-in-forward-annotation",
    "ignore-comment-unknown-rule",
    "implicit-concatenated-string-type-annotation",
    "invalid-ignore-comment",
    "invalid-syntax-in-forward-annotation",
    "invalid-type-arguments",
    "invalid-type-form",
    "mismatched-type-name",
    "missing-override-decorator",
    "raw-string-type-annotation",
    "redundant-cast",
    "redundant-condition",
    "unresolved-global",
    "unused-ignore-comment",
    "unused-type-ignore-comment",
];

/// Rules that ty has, off by default, about what fails when it runs.
const ON: [&str; 1] = ["unused-awaitable"];

/// The database of one checker. It is never cloned: salsa's setters need the only
/// handle.
#[salsa::db]
pub struct Database {
    storage: salsa::Storage<Self>,
    files: Files,
    system: TestSystem,
    vendored: VendoredFileSystem,
    rules: Arc<RuleSelection>,
    settings: Arc<AnalysisSettings>,
    program: ProgramSettings,
    /// Counts what was written.
    revision: u128,
}

impl Database {
    /// A database without files.
    pub fn new() -> Result<Self, String> {
        let vendored = typeshed::file_system()?;
        let registry = default_lint_registry();
        let mut rules = RuleSelection::from_registry(registry);
        for name in OFF {
            if let Ok(lint) = registry.get(name) {
                rules.disable(lint);
            }
        }
        for name in ON {
            let lint = registry.get(name).map_err(|error| error.to_string())?;
            rules.enable(
                lint,
                ruff_db::diagnostic::Severity::Warning,
                LintSource::Default,
            );
        }
        let mut database = Self {
            storage: salsa::Storage::new(None),
            files: Files::default(),
            system: TestSystem::default(),
            program: ProgramSettings::empty(&vendored),
            vendored,
            rules: Arc::new(rules),
            settings: Arc::default(),
            revision: 0,
        };
        let root = SystemPathBuf::from(ROOT);
        database
            .files()
            .try_add_root(&database, &root, FileRootKind::Project);
        // A folder that modules are looked for in has to exist.
        let modules = SystemPathBuf::from(MODULES);
        database
            .write_file(modules.join("__builtins__.pyi"), "")
            .map_err(|error| error.to_string())?;
        let search_paths = SearchPathSettings::new(vec![modules])
            .to_search_paths(database.system(), database.vendored(), &FallibleStrategy)
            .map_err(|error| error.to_string())?;
        search_paths.try_register_static_roots(&database);
        database.program = ProgramSettings {
            python_version: PythonVersionWithSource {
                version: PythonVersion::PY314,
                source: PythonVersionSource::default(),
            },
            python_platform: PythonPlatform::default(),
            search_paths,
        };
        Ok(database)
    }

    /// Writes a file, whose path is relative to the root.
    pub fn write(&mut self, path: &str, source: &str) -> Result<File, String> {
        let path = SystemPathBuf::from(ROOT).join(path);
        self.write_file(&path, source)
            .map_err(|error| error.to_string())?;
        self.touch(&path);
        system_path_to_file(self, &path).map_err(|error| error.to_string())
    }

    /// Everything that ty finds in a file.
    pub fn diagnostics(&self, file: File) -> Vec<Diagnostic> {
        check_file_unwrap(self, self.program_file(file))
    }

    /// Gives a path and the folders above a new revision. That of a write is its time,
    /// which stands still here, and modules are found by their folders.
    fn touch(&mut self, path: &SystemPath) {
        let mut files = Vec::new();
        let mut current = Some(path);
        while let Some(path) = current {
            files.extend(self.files().try_system(self, path));
            current = path.parent();
        }
        self.revision += 1;
        let revision = FileRevision::new(self.revision);
        for file in files {
            file.set_revision(self).to(revision);
        }
    }
}

/// Interns the program once.
#[salsa::db]
trait ProgramDb: Db {
    fn settings_of_program(&self) -> &ProgramSettings;
}

#[salsa::tracked(returns(copy))]
fn program(db: &dyn ProgramDb) -> Program<'_> {
    Program::from_settings(db, db.settings_of_program())
}

#[salsa::db]
impl ProgramDb for Database {
    fn settings_of_program(&self) -> &ProgramSettings {
        &self.program
    }
}

impl DbWithTestSystem for Database {
    fn test_system(&self) -> &TestSystem {
        &self.system
    }

    fn test_system_mut(&mut self) -> &mut TestSystem {
        &mut self.system
    }
}

#[salsa::db]
impl SourceDb for Database {
    fn vendored(&self) -> &VendoredFileSystem {
        &self.vendored
    }

    fn system(&self) -> &dyn System {
        &self.system
    }

    fn files(&self) -> &Files {
        &self.files
    }
}

#[salsa::db]
impl PythonCoreDb for Database {
    fn should_check_file(&self, file: File) -> bool {
        !file.path(self).is_vendored_path()
    }
}

#[salsa::db]
impl Db for Database {
    fn check_file(&self, file: File) -> Vec<Diagnostic> {
        if self.should_check_file(file) {
            self.diagnostics(file)
        } else {
            Vec::new()
        }
    }

    fn program_file(&self, file: File) -> ProgramFile<'_> {
        program(self).program_file(self, file)
    }

    fn python_version_with_source(&self, _file: File) -> &PythonVersionWithSource {
        &self.program.python_version
    }

    fn rule_selection(&self, _file: File) -> &RuleSelection {
        &self.rules
    }

    fn lint_registry(&self) -> &LintRegistry {
        default_lint_registry()
    }

    fn analysis_settings(&self, _file: File) -> &AnalysisSettings {
        &self.settings
    }

    fn dependency_metadata(&self, _file: File) -> Option<&DependencyMetadata> {
        None
    }

    fn verbose(&self) -> bool {
        false
    }

    fn is_open_file(&self, _file: File) -> bool {
        false
    }

    fn dyn_clone(&self) -> Box<dyn Db> {
        // Only ty's fixes ask for it, which nothing here applies.
        unreachable!("the database is never cloned")
    }
}

#[salsa::db]
impl ModuleResolverDb for Database {}

#[salsa::db]
impl salsa::Database for Database {}
