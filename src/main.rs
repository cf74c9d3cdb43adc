//! The program: words typed, calls made, exit status.

fn main() {}
