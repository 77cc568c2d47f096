//! The kernel says how files behave: memory and overlays do what a real
//! directory does, over random sequences of operations.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// An operation on one or two paths.
#[derive(Clone, Debug)]
enum Step {
    FileStat(bool),
    ReadLink,
    Read,
    Write(WriteMode, u8),
    Open(OpenMode),
    List,
    Scan(bool),
    CreateDirectory,
    RemoveFile,
    RemoveDirectory,
    Rename,
}

/// Few names, so that operations meet.
fn path() -> impl Strategy<Value = String> {
    let name = select(vec![
        "a.txt", "dir", "deep", "b.txt", "empty", "new", "link",
    ]);
    vec(name, 1..=4).prop_map(|names| format!("/data/{}", names.join("/")))
}

fn step() -> impl Strategy<Value = Step> {
    let mode = select(vec![WriteMode::Replace, WriteMode::Append]);
    let opened = select(vec![OpenMode::Read, OpenMode::Write, OpenMode::Append]);
    prop_oneof![
        2 => any::<bool>().prop_map(Step::FileStat),
        1 => Just(Step::ReadLink),
        1 => Just(Step::Read),
        3 => (mode, 0..20_u8).prop_map(|(mode, size)| Step::Write(mode, size)),
        1 => opened.prop_map(Step::Open),
        1 => Just(Step::List),
        1 => any::<bool>().prop_map(Step::Scan),
        3 => Just(Step::CreateDirectory),
        2 => Just(Step::RemoveFile),
        2 => Just(Step::RemoveDirectory),
        5 => Just(Step::Rename),
    ]
}

fn steps() -> impl Strategy<Value = Vec<(Step, String, String)>> {
    vec((step(), path(), path()), 1..80)
}

/// What an operation answers, as text.
fn answer(files: &Files, (step, one, two): &(Step, String, String)) -> String {
    match step {
        Step::FileStat(follow_links) => {
            // Sizes of directories differ.
            let stat = files.table.stat(one, *follow_links);
            let size =
                |stat: FileStat| (stat.file_type != FileType::Directory).then_some(stat.size);
            format!("{:?}", stat.map(|stat| (stat.file_type, size(stat))))
        }
        Step::ReadLink => format!("{:?}", files.table.read_link(one)),
        Step::Read => format!("{:?}", files.read(one)),
        Step::Write(WriteMode::Replace, size) => {
            format!("{:?}", files.write(one, vec![b'w'; (*size).into()]))
        }
        Step::Write(WriteMode::Append, size) => {
            format!("{:?}", files.append(one, vec![b'a'; (*size).into()]))
        }
        Step::Open(mode) => format!("{:?}", files.open(one, *mode)),
        Step::List => format!("{:?}", files.list(one)),
        Step::Scan(follow_symbolic_links) => {
            let options = ScanOptions {
                max_depth: None,
                follow_symbolic_links: *follow_symbolic_links,
            };
            format!("{:?}", files.scan(one, options))
        }
        Step::CreateDirectory => format!("{:?}", files.create_directory(one)),
        Step::RemoveFile => format!("{:?}", files.remove_file(one)),
        Step::RemoveDirectory => format!("{:?}", files.remove_directory(one)),
        Step::Rename => format!("{:?}", files.rename(one, two)),
    }
}

/// The tree with the content of its files.
fn tree(files: &Files) -> Vec<String> {
    let mut tree = files.tree("/data");
    for entry in &mut tree {
        let path = entry.split_once(' ').map(|(_, path)| path).unwrap();
        let content = files.read(&format!("/data/{path}"));
        *entry = format!("{entry} {content:?}");
    }
    tree
}

fn with_links(files: MemoryFiles) -> MemoryFiles {
    files
        .link("/link", "dir")
        .and_then(|files| files.link("/dir/link", "deep/c.txt"))
        .and_then(|files| files.link("/dir/deep/link", "new"))
        .and_then(|files| files.link("/empty/link", "link"))
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_is_counted(steps in steps()) {
        let memory = Arc::new(Overlay::over_nothing(1 << 20));
        let over = Arc::new(Overlay::over(with_links(self::memory()).into()));
        let files = [&memory, &over].map(|overlay| {
            let files: Arc<dyn FileSystem> = Arc::clone(overlay) as _;
            Files::at("/data", files)
        });
        for step in &steps {
            for (files, overlay) in files.iter().zip([&memory, &over]) {
                let done = answer(files, step);
                prop_assert!(overlay.lock().tree.is_counted(), "{step:?}: {done}");
            }
        }
    }

    #[test]
    fn an_overlay_leaves_its_base_alone(steps in steps()) {
        let base = with_links(memory());
        let (before, files) = (Files::at("/data", base.clone()), Files::at("/data", overlay(base)));
        let untouched = tree(&before);
        for step in &steps {
            answer(&files, step);
        }
        prop_assert_eq!(untouched, tree(&before));
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::fs;
    use std::io::Read as _;
    use std::io::Write as _;
    use std::ops::ControlFlow;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};

    use super::*;

    /// A directory of the machine, left to the kernel.
    struct Disk(PathBuf);

    fn failed(error: std::io::Error) -> Error {
        match error.raw_os_error() {
            Some(1) => Error::NotPermitted,
            Some(2) => Error::NotFound,
            Some(13) => Error::PermissionDenied,
            Some(16) => Error::Busy,
            Some(17) => Error::AlreadyExists,
            Some(20) => Error::NotADirectory,
            Some(21) => Error::IsADirectory,
            Some(22) => Error::InvalidArgument,
            Some(36) => Error::NameTooLong,
            Some(39) => Error::DirectoryNotEmpty,
            Some(40) => Error::TooManyLinks,
            _ => Error::Other(error.to_string()),
        }
    }

    fn file_type(found: fs::FileType) -> FileType {
        if found.is_dir() {
            FileType::Directory
        } else if found.is_symlink() {
            FileType::SymbolicLink
        } else {
            FileType::Regular
        }
    }

    #[async_trait]
    impl FileSystem for Disk {
        fn is_read_only(&self) -> bool {
            false
        }

        fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, Error> {
            let path = self.0.join(path);
            let metadata = if follow_links {
                fs::metadata(path)
            } else {
                fs::symlink_metadata(path)
            };
            let metadata = metadata.map_err(failed)?;
            Ok(FileStat {
                file_type: file_type(metadata.file_type()),
                permissions: 0,
                size: metadata.len(),
                modified: Instant::EPOCH,
                accessed: Instant::EPOCH,
                changed: Instant::EPOCH,
                file_id: 0,
                device_id: None,
                link_count: 1,
            })
        }

        fn read_link(&self, path: &str) -> Result<String, Error> {
            let target = fs::read_link(self.0.join(path)).map_err(failed)?;
            Ok(target.to_string_lossy().into_owned())
        }

        async fn read(&self, path: &str, _context: &Context<'_>) -> Result<Vec<u8>, Error> {
            let mut data = Vec::new();
            let mut file = fs::File::open(self.0.join(path)).map_err(failed)?;
            file.read_to_end(&mut data).map_err(failed)?;
            Ok(data)
        }

        fn check_readable(&self, path: &str) -> Result<(), Error> {
            fs::read(self.0.join(path)).map(drop).map_err(failed)
        }

        async fn write(
            &self,
            path: &str,
            data: &[u8],
            mode: WriteMode,
            _context: &Context<'_>,
        ) -> Result<(), Error> {
            let mut options = fs::OpenOptions::new();
            match mode {
                WriteMode::Replace => options.write(true).truncate(true),
                WriteMode::Append => options.append(true),
            };
            let file = options.create(true).open(self.0.join(path));
            file.and_then(|mut file| file.write_all(data))
                .map_err(failed)
        }

        async fn list(
            &self,
            path: &str,
            _context: &Context<'_>,
            visit: &mut Visit<'_>,
        ) -> Result<(), Error> {
            for entry in fs::read_dir(self.0.join(path)).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let slice = Slice {
                    names: vec![(name, file_type(entry.file_type().map_err(failed)?))],
                    ..Slice::default()
                };
                if let ControlFlow::Break(()) = visit(slice)? {
                    break;
                }
            }
            Ok(())
        }

        fn create_directory(&self, path: &str, _context: &Context<'_>) -> Result<(), Error> {
            fs::create_dir(self.0.join(path)).map_err(failed)
        }

        fn remove_file(&self, path: &str, _context: &Context<'_>) -> Result<(), Error> {
            fs::remove_file(self.0.join(path)).map_err(failed)
        }

        async fn remove_directory(&self, path: &str, _: &Context<'_>) -> Result<(), Error> {
            fs::remove_dir(self.0.join(path)).map_err(failed)
        }

        async fn rename(
            &self,
            source: &str,
            destination: &str,
            _context: &Context<'_>,
        ) -> Result<(), Error> {
            fs::rename(self.0.join(source), self.0.join(destination)).map_err(failed)
        }
    }

    /// The files of [`memory`] on the disk.
    fn on_disk(path: &Path, links: bool) {
        fs::create_dir_all(path.join("dir/deep")).unwrap();
        fs::create_dir(path.join("empty")).unwrap();
        fs::write(path.join("a.txt"), "alpha").unwrap();
        fs::write(path.join("dir/b.txt"), "beta").unwrap();
        fs::write(path.join("dir/deep/c.txt"), "gamma").unwrap();
        if links {
            symlink("dir", path.join("link")).unwrap();
            symlink("deep/c.txt", path.join("dir/link")).unwrap();
            symlink("new", path.join("dir/deep/link")).unwrap();
            symlink("link", path.join("empty/link")).unwrap();
        }
    }

    fn agree(steps: &[(Step, String, String)], links: bool) -> Result<(), TestCaseError> {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        on_disk(one.path(), links);
        on_disk(two.path(), links);
        let disk = |path: &Path| -> Arc<dyn FileSystem> { Arc::new(Disk(path.to_owned())) };
        let kernel = Files::at("/data", disk(one.path()));
        let memory = || {
            if links {
                with_links(memory())
            } else {
                memory()
            }
        };
        let untouched = tree(&Files::at("/data", disk(two.path())));
        let others = [
            ("memory", Files::at("/data", memory())),
            ("overlay over memory", Files::at("/data", overlay(memory()))),
            (
                "overlay over disk",
                Files::at("/data", overlay(disk(two.path()))),
            ),
        ];
        for step in steps {
            let expected = answer(&kernel, step);
            for (name, files) in &others {
                prop_assert_eq!(&expected, &answer(files, step), "{}: {:?}", name, step);
            }
        }
        for (name, files) in &others {
            prop_assert_eq!(tree(&kernel), tree(files), "{}", name);
        }
        prop_assert_eq!(untouched, tree(&Files::at("/data", disk(two.path()))));
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn memory_and_overlays_agree_with_the_kernel(steps in steps()) {
            agree(&steps, false)?;
        }

        #[test]
        fn links_agree_with_the_kernel(steps in steps()) {
            agree(&steps, true)?;
        }
    }
}
