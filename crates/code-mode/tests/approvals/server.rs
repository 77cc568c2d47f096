//! A PostgreSQL server of a test's own, in a temporary folder.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Stops when it is dropped.
pub struct Server {
    programs: PathBuf,
    folder: TempDir,
    /// It refuses to run as root.
    user: Option<(u32, u32)>,
}

impl Server {
    /// A running server. `None`, and a message, if PostgreSQL is not
    /// installed; where `CI` is set, that is a failure.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let message = "PostgreSQL is not installed (`apt-get install postgresql`)";
            assert!(std::env::var_os("CI").is_none(), "{message}");
            eprintln!("\n*** LEFT OUT, and nothing is known about it: {message} ***\n");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("pg").tempdir().unwrap();
        let user = (fs::metadata(folder.path()).map(|it| owner(&it)).unwrap() == 0)
            .then(|| user("postgres").or_else(|| user("nobody")).unwrap());
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let server = Self {
            programs,
            folder,
            user,
        };
        let data = server.data();
        server.run(
            "initdb",
            &["-D", &data, "-U", "agent", "-A", "trust", "--no-sync"],
        );
        server.run_server();
        Some(server)
    }

    /// Starts it again after [`stop`](Self::stop).
    pub fn run_server(&self) {
        let sockets = self.folder.path().display();
        let options = format!("-k {sockets} -c listen_addresses= -c fsync=off");
        let log = format!("{sockets}/log");
        let data = self.data();
        let arguments = ["start", "-w", "-D", &data, "-l", &log, "-o", &options];
        self.run("pg_ctl", &arguments);
    }

    /// At once, without a checkpoint, as when it crashes.
    pub fn stop(&self) {
        self.run(
            "pg_ctl",
            &["stop", "-w", "-m", "immediate", "-D", &self.data()],
        );
    }

    /// How a client finds it.
    pub fn config(&self) -> String {
        format!(
            "host={} user=agent dbname=postgres",
            self.folder.path().display()
        )
    }

    /// What `psql` prints for a query.
    pub fn query(&self, query: &str) -> String {
        let host = self.folder.path().display().to_string();
        self.run(
            "psql",
            &[
                "-h", &host, "-U", "agent", "-d", "postgres", "-At", "-c", query,
            ],
        )
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(self.folder.path());
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        // A server keeps the pipes of pg_ctl open.
        let written = self.folder.path().join("written");
        let file = fs::File::create(&written).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file);
        let status = command.status().unwrap();
        let written = fs::read_to_string(&written).unwrap();
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(
            status.success(),
            "{program} {arguments:?}: {status}\n{written}\n{log}"
        );
        written
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.folder.path().join("data/postmaster.pid").exists() {
            self.stop();
        }
    }
}

/// The folder of the newest PostgreSQL that is installed.
fn programs() -> Option<PathBuf> {
    let is_one = |folder: &Path| folder.join("initdb").exists() && folder.join("pg_ctl").exists();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<_> = debian
        .map(|version| version.unwrap().path().join("bin"))
        .filter(|folder| is_one(folder))
        .collect();
    found.sort();
    found.pop().or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| is_one(folder))
    })
}

fn owner(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(metadata)
}

fn user(name: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2).map(|field| field.parse().unwrap());
    Some((fields.next()?, fields.next()?))
}
