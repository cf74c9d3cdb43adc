//! How many threads simulate.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ThreadArguments {
    /// Threads that simulate; results do not depend on it [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}
