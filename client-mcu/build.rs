//! Tells the linker what memory the chosen board has.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let memory = "MEMORY {\n  FLASH : ORIGIN = 0x00000000, LENGTH = 256K\n  \
                  RAM : ORIGIN = 0x20000000, LENGTH = 64K\n}\n";
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo gives a folder"));
    fs::write(out.join("memory.x"), memory).expect("the folder can be written");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rustc-link-arg-bins=--nmagic");
    println!("cargo::rerun-if-changed=build.rs");
}
