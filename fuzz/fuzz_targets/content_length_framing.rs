#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ipc_runtime::fuzzing::content_length_framing(data));
