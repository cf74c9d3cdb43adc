//! What a user of `apimsim` sees, through the program itself: its words, its files, its exit status,
//! and whether its numbers are right.

mod contract;
mod program;
mod theory;
