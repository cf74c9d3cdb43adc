//! Runs the program in a folder of its own, and reads what it wrote.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A folder in which the program is run; it goes with the value.
pub(crate) struct Folder(TempDir);

/// What the program left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Exit status; none where a signal killed it.
    pub(crate) status: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file into the folder and returns its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, content).expect("the temporary folder can be written to");
        path
    }

    /// Reads a file of the folder.
    pub(crate) fn read(&self, name: &str) -> String {
        let bytes =
            fs::read(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The names of the files in a folder of the folder, sorted.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path().join(folder)).expect("a folder");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name());
        let mut names: Vec<_> = entries
            .map(|entry| name(entry).expect("readable").to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The program with these words, in this folder.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("apimsim"));
        command.args(words).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs the program with these words to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        let output = self.command(words).output().expect("the program starts");
        Ended::new(&output)
    }

    /// Runs the program and takes its standard output for JSON.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        self.run(words).json()
    }

    /// Starts the program without reading what it writes.
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        let mut command = self.command(words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }
}

impl Ended {
    pub(crate) fn new(output: &std::process::Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// Waits for the end of a program; none if it has not ended in time, and is then killed.
pub(crate) fn wait(mut child: Child, most: Duration) -> Option<Ended> {
    // A full pipe would keep the program from ending.
    let stdout = child.stdout.take().map(|pipe| std::thread::spawn(|| all_of(pipe)));
    let stderr = child.stderr.take().map(|pipe| std::thread::spawn(|| all_of(pipe)));
    let started = Instant::now();
    let text = |reader: Option<JoinHandle<String>>| {
        reader.map(|reader| reader.join().expect("a reader")).unwrap_or_default()
    };
    while child.try_wait().expect("a child of ours").is_none() {
        if started.elapsed() > most {
            child.kill().expect("a child of ours");
            child.wait().expect("a child of ours");
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let status = child.wait().expect("a child of ours").code();
    Some(Ended { status, stdout: text(stdout), stderr: text(stderr) })
}

fn all_of(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).expect("a pipe");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The number at a path of keys; panics where there is none.
pub(crate) fn number(value: &Value, pointer: &str) -> f64 {
    let found = value.pointer(pointer).and_then(Value::as_f64);
    found.unwrap_or_else(|| panic!("no number at {pointer} of {value:#}"))
}

/// Whether a file's name ends in a dot and this.
pub(crate) fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
