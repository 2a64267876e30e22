//! All that a device needs, which sends and receives with one machine, and checks what came.
#![no_std]
#![no_main]

footprint::weigh!(
    link: proto_core::link::Link,
    chat: footprint::Chat,
    receive: footprint::Files,
    check: footprint::Hasher
);
