//! A transfer to the device alone.
#![no_std]
#![no_main]

footprint::weigh!(receive: footprint::Files);
