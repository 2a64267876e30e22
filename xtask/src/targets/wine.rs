//! Wine, which runs Windows' programs: with a disk of its own, and what Debian's lacks.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::shell::{Outcome, root, run, run_within};

/// Wine, where Debian keeps it.
pub(super) const PROGRAM: &str = "/usr/lib/wine/wine64";

/// Windows' source of randomness, which Wine 8 has under another name only.
const PRNG: &str = "\
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG len);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T len) {
    return SystemFunction036(bytes, (ULONG)len);
}
";

/// Makes Wine's disk, and the library that is missing.
pub(super) fn prepare() -> Outcome {
    let (folder, library) = (folder(), folder().join("bcryptprimitives.dll"));
    fs::create_dir_all(&folder)?;
    if !library.exists() {
        fs::write(folder.join("prng.c"), PRNG)?;
        let mut compile = Command::new("x86_64-w64-mingw32-gcc");
        compile.current_dir(&folder).args(["-shared", "-Wno-attributes", "prng.c", "-ladvapi32"]);
        run(compile.arg("-o").arg(&library))?;
    }
    if !folder.join("disk/system.reg").exists() {
        run_within(Duration::from_secs(300), command().args(["wineboot", "--init"]))?;
    }
    Ok(())
}

/// Wine, to be given a program.
pub(super) fn command() -> Command {
    let mut command = Command::new(PROGRAM);
    command.envs(surroundings());
    command
}

/// The variables that lead Wine to its disk and to the library.
pub(super) fn surroundings() -> Vec<(String, PathBuf)> {
    let variables = [
        ("WINEPREFIX", folder().join("disk")),
        ("WINEPATH", folder()),
        ("WINEDEBUG", "-all".into()),
        // It asks for neither browser nor .NET.
        ("WINEDLLOVERRIDES", "mscoree,mshtml=".into()),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

fn folder() -> PathBuf {
    root().join("target/wine")
}
