//! Tells the linker what memory the chosen board has.

use std::path::PathBuf;
use std::{env, fs};

/// Each board's feature, and where its flash and its RAM begin and how long they are.
const BOARDS: [(&str, &str, &str); 2] = [
    ("LM3S6965EVB", "0x00000000, LENGTH = 256K", "0x20000000, LENGTH = 64K"),
    // It has more, and is held to what the smaller one has.
    ("MPS2_AN385", "0x00000000, LENGTH = 256K", "0x20000000, LENGTH = 64K"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("none") {
        return;
    }
    let is_chosen = |feature: &str| env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    let Some((_, flash, ram)) = BOARDS.into_iter().find(|(feature, ..)| is_chosen(feature)) else {
        return; // The program says that a board must be chosen.
    };
    let memory = format!("MEMORY {{\n  FLASH : ORIGIN = {flash}\n  RAM : ORIGIN = {ram}\n}}\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo gives a folder"));
    fs::write(out.join("memory.x"), memory).expect("the folder can be written");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rustc-link-arg-bins=--nmagic");
}
