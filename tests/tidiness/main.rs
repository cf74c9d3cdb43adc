//! Whether the house is in order: the project's own source files are read and held to what
//! `ARCHITECTURE.md` says of them. A list of what is not yet in order can only become shorter.

mod absences;
mod cycles;
mod modules;
mod page;
mod sizes;
mod sources;
