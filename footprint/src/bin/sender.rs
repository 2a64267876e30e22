//! A transfer from the device alone.
#![no_std]
#![no_main]

footprint::weigh!(send: footprint::Files);
