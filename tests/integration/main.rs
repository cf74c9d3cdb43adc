//! What a user of `apimsim` sees, through the program itself: its words, its files, its exit status,
//! and whether its numbers are right.

mod bad_input;
mod clusters;
mod contract;
mod hostile_input;
mod measured;
mod overload;
mod program;
mod random_files;
mod readme;
mod theory;
mod verdicts;
