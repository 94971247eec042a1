//! Checks by programs that are not ours: DuckDB, driven from Python in a virtual environment of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tally::Tally;
use crate::{run, workspace};

/// Packages of the environment. DuckDB and its extensions move together; the extensions are loaded by path,
/// because DuckDB's own download is not to be relied on.
const PACKAGES: [&str; 14] = [
    "duckdb==1.4.4",
    "duckdb-ext-ducklake==1.4.4.20260205",
    "duckdb-ext-sqlite==1.4.4.20260205",
    "pyarrow",
    "pytz",
    // Drives a browser that is there already; brings none.
    "playwright==1.65.2",
    "axe-playwright-python==0.1.8",
    // Statistics from elsewhere.
    "krippendorff==0.9.0",
    "numpy==2.4.6",
    "scipy==1.17.1",
    "statsmodels==0.15.0",
    // A mail server, with a certificate that is made for it, and a reader of workbooks that computes their formulas.
    "aiosmtpd==1.4.6",
    "cryptography",
    "openpyxl==3.1.5",
];

/// Python of the environment, which is made when it is not there or its packages have changed.
pub fn interpreter() -> Result<PathBuf, String> {
    let folder = workspace::target()?.join("python");
    let python = folder.join("bin/python");
    let note = folder.join("dialmark-packages.txt");
    let wanted = PACKAGES.join("\n");
    if python.is_file() && fs::read_to_string(&note).is_ok_and(|had| had == wanted) {
        return Ok(python);
    }
    make_environment(&folder)?;
    run::show(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PACKAGES),
    )?;
    fs::write(&note, wanted).map_err(|cause| format!("`{}` cannot be written: {cause}.", note.display()))?;
    Ok(python)
}

fn make_environment(folder: &Path) -> Result<(), String> {
    let make = || run::output(Command::new("python3").args(["-m", "venv"]).arg(folder));
    let Err(first) = make() else { return Ok(()) };
    // Debian keeps venv in a package of its own.
    let install = ["apt-get", "install", "-y", "python3", "python3-venv"];
    if is_root() && Path::new("/usr/bin/apt-get").exists() {
        let [program, arguments @ ..] = install;
        run::output(Command::new(program).args(arguments))?;
        return make().map(|_| ());
    }
    Err(format!(
        "{first}\nThese checks need Python 3 with venv. On Debian or Ubuntu:\n\n    sudo {}\n",
        install.join(" ")
    ))
}

/// Installs a Debian package whose `program` is missing, when that is allowed; the tests say what they skip otherwise.
pub fn install_where_possible(program: &str, package: &str) {
    let is_there = run::output(Command::new("sh").args(["-c", &format!("command -v {program}")])).is_ok();
    if is_there || !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return;
    }
    let installed = run::output(Command::new("apt-get").arg("update"))
        .and_then(|_| run::output(Command::new("apt-get").args(["install", "-y", package])));
    if let Err(message) = installed {
        println!("{package} could not be installed: {message}");
    }
}

/// Whether this is root.
pub fn is_root() -> bool {
    run::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// A simulated centre's figures, computed a second time from its exports, and against its own tallies.
pub fn simulated() -> Result<Tally, String> {
    scripts("simulated", None)
}

/// The pages in Chromium.
pub fn browser() -> Result<Tally, String> {
    install_where_possible("chromium", "chromium");
    if run::output(Command::new("chromium").arg("--version")).is_err() {
        return Err(
            "These checks need Chromium. On Debian or Ubuntu:\n\n    sudo apt-get install -y chromium\n"
                .to_owned(),
        );
    }
    scripts("browser", None)
}

/// DuckDB attaches the store read-only and finds the rows that Dialmark says are there.
pub fn attach(data: &Path) -> Result<Tally, String> {
    scripts("attach", Some(data))
}

/// Figures of the catalogue, computed a second time by SQL written by hand over the original files.
pub fn oracle(data: &Path) -> Result<Tally, String> {
    scripts("oracle", Some(data))
}

/// Every metric of the catalogue over generated records, against SQL written by hand.
pub fn catalogue() -> Result<Tally, String> {
    scripts("catalogue", None)
}

/// The example project of other departments, against figures worked out without Dialmark.
pub fn departments() -> Result<Tally, String> {
    scripts("departments", None)
}

/// Every pack on its fixture, and on what real systems wrote where that is there.
pub fn packs(data: Option<&Path>) -> Result<Tally, String> {
    scripts("packs", data)
}

/// Records on their way through the program: sent, corrected, set aside, read again, backed up.
pub fn records() -> Result<Tally, String> {
    scripts("records", None)
}

/// Reports that are sent to a real mail server, read back and compared.
pub fn post() -> Result<Tally, String> {
    scripts("post", None)
}

/// Records pulled from a MariaDB and a PostgreSQL that run for the occasion, against what they count themselves.
pub fn pull() -> Result<Tally, String> {
    scripts("pull", None)
}

/// Intervals, tests, agreement and decomposition of `crates/stats`, whose example program answers questions, against SciPy,
/// statsmodels and krippendorff.
pub fn stats() -> Result<Tally, String> {
    // The whole workspace, as for the fuzzing: features of one crate alone are others.
    run::show(run::cargo()?.args(["build", "--release", "--workspace", "--locked", "--example", "answers"]))?;
    let name = format!("answers{}", std::env::consts::EXE_SUFFIX);
    scripts_with(&workspace::target()?.join("release/examples").join(name), "stats", None)
}

/// Runs every script of `tests/KIND/` with the built program.
fn scripts(kind: &str, data: Option<&Path>) -> Result<Tally, String> {
    scripts_with(&workspace::program()?, kind, data)
}

/// Runs every script of `tests/KIND/`, or `check.py` alone where there is one and the others are its parts: `SCRIPT --program DIALMARK --work DIR [--data DIR]`. A script prints a
/// line for each thing it checked and exits with 0 when all are right.
fn scripts_with(program: &Path, kind: &str, data: Option<&Path>) -> Result<Tally, String> {
    let folder = workspace::root()?.join("tests").join(kind);
    let mut scripts: Vec<PathBuf> = match fs::read_dir(&folder) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(cause) => return Err(format!("`{}` cannot be read: {cause}.", folder.display())),
    };
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    let check = folder.join("check.py");
    if scripts.contains(&check) {
        scripts = vec![check];
    }
    scripts.sort();
    let python = interpreter()?;
    let mut tally = Tally::default();
    for script in scripts {
        let name = script.file_stem().unwrap_or_default();
        let work = workspace::target()?.join("checks").join(kind).join(name);
        let mut command = Command::new(&python);
        // Nothing compiled is to appear in the checkout.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.arg(&script).arg("--program").arg(program).arg("--work").arg(work);
        if let Some(data) = data {
            command.arg("--data").arg(data);
        }
        match run::show(&mut command) {
            Ok(()) => tally.passed += 1,
            Err(message) => {
                println!("{message}");
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}
