//! Scripts that do everything.

use crate::common::{Cli, Server, noise, read};

/// Row 45: a scripted client does everything.
#[test]
fn a_scripted_client_does_everything() {
    let server = Server::with(&["--allow-upload"]);
    let content = noise(1, 2 << 20);
    server.share("big.bin", &content);
    let shlomo = Cli::new().chat(&server.at(), "shlomo");
    let cli = Cli::new();
    cli.write("mine.txt", b"mine");
    let script = "hello all\n\
                  /msg shlomo for you only\n\
                  /users\n\
                  /files\n\
                  /get big.bin copy.bin --pause-at 50%\n\
                  /wait\n\
                  /transfers\n\
                  /proceed 1\n\
                  /wait\n\
                  /put mine.txt\n\
                  /wait\n\
                  /clear\n\
                  //not a command\n\
                  /quit\n";
    let ran = cli.run_with(&["chat", &server.at(), "--name", "client2"], script).expect(0);

    ran.prints(&[
        "client2: hello all",
        "[private to shlomo] client2: for you only",
        "online (2):",
        "2.0 MiB  big.bin",
        "got a download connection",
        "user client2 downloaded 50% out of file. last byte is:",
        "#1 R  big.bin",
        "user client2 confirm proceeding",
        "downloaded 100% out of file.",
        "uploaded 100% out of file.",
        "client2: /not a command",
    ]);
    shlomo.out.wait_for(&["client2: hello all"]);
    shlomo.out.wait_for(&["[private]", "client2: for you only"]);
    shlomo.out.wait_for(&["client2 has left the chat"]);
    assert!(read(&cli.path("copy.bin")) == content);
    assert_eq!(read(&server.files().join("mine.txt")), b"mine");
}

#[test]
fn a_script_that_leaves_behind_a_transfer_waits_for_it() {
    let server = Server::with(&["--allow-upload"]);
    let content = noise(3, 2 << 20);
    server.share("big.bin", &content);
    for (i, leaves) in ["/quit", "/nick leah"].into_iter().enumerate() {
        let (cli, name) = (Cli::new(), format!("mine {i}"));
        cli.write(&name, b"mine");
        let script = format!("/get big.bin copy.bin\n/put '{name}'\n{leaves}\n");

        let me = format!("shlomo{i}");
        cli.run_with(&["chat", &server.at(), "--name", &me], &script).expect(0);

        assert!(read(&cli.path("copy.bin")) == content);
        assert_eq!(read(&server.files().join(&name)), b"mine");
    }
}

/// With `--json`, every line of standard output is an object with version and type.
#[test]
fn json_is_one_object_a_line() {
    let server = Server::with(&["--confirm-at", "50%"]);
    server.share("big.bin", &noise(2, 2 << 20));
    let mut watch = Cli::new().start(&["watch", &server.at(), "--name", "watcher", "--json"]);
    watch.out.wait_for(&["\"t\":\"hello\""]);
    let ran = Cli::new()
        .run_with(
            &["chat", &server.at(), "--name", "leah", "--json"],
            "hi \"all\"\n/get big.bin\n/wait\n/proceed\n/wait\n/get nothing.bin\n/wait\n",
        )
        .expect(5);
    let mut types = Vec::new();
    for line in ran.out.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["v"], 1, "{line}");
        types.push(value["t"].as_str().unwrap().to_owned());
        if value["t"] == "done" {
            assert_eq!(value["total"], 2 << 20);
            assert_eq!(value["blake3"].as_str().unwrap().len(), 64);
        }
    }
    for wanted in
        ["hello", "users", "files", "msg", "started", "progress", "paused", "proceeding", "done"]
    {
        assert!(types.iter().any(|kind| kind == wanted), "no {wanted} in {types:?}");
    }
    assert!(types.iter().any(|kind| kind == "error"));
    watch.out.wait_for(&["\"t\":\"joined\"", "\"name\":\"leah\""]);
    watch.out.wait_for(&["\"t\":\"msg\"", "\"from\":\"leah\"", "hi \\\"all\\\""]);
    watch.out.wait_for(&["\"t\":\"left\""]);
    watch.kill();
}
