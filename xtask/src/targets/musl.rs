//! What Debian's compiler lacks for static programs: what unwinds the stack.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::hosted::Linking;
use crate::shell::{Failure, output, run};

/// Finds no frames: programs that abort do not look for any.
const STUB: &str = "int _dl_find_object(void *address, void *found) { return -1; }\n";

/// Makes the libraries in a folder, and says how to link with them.
pub(super) fn linking(folder: &Path) -> Result<Linking, Failure> {
    fs::create_dir_all(folder)?;
    let mut find = Command::new("gcc");
    let unwinder = output(find.arg("-print-file-name=libgcc_eh.a"));
    let unwinder =
        unwinder.ok_or_else(|| Failure("gcc does not say where libgcc_eh.a is".into()))?;
    fs::copy(unwinder.trim(), folder.join("libunwind.a"))?;
    fs::write(folder.join("stub.c"), STUB)?;
    run(Command::new("musl-gcc").current_dir(folder).args(["-c", "stub.c"]))?;
    run(Command::new("ar").current_dir(folder).args(["rs", "libunwind.a", "stub.o"]))?;
    let own = "-C link-self-contained=no -C relocation-model=static";
    let flags = format!("{own} -L native={}", folder.display());
    Ok(Linking { linker: "musl-gcc", flags })
}
