use crate::failure::Failure;
#[derive(Debug, clap::Args)]
pub struct Args {}
pub fn run(_args: &Args) -> Result<(), Failure> { Ok(()) }
