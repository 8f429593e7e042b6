//! `cargo xtask bench`: speed as a ratio against PyTorch in the same run.

mod arguments;
mod data;
mod memory;
mod ops;
mod page;
mod server;
mod step;
mod sweep;
mod workbench;

use config::BackendKind;

use crate::failure::Failure;
use crate::format::Plain;
use crate::pipe::say;
use crate::{doctor, table, worker};
use arguments::What;
use workbench::{Bench, Scratch};

pub(crate) use arguments::Arguments;
pub(crate) use data::decode_turns;

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let kinds = arguments.kinds();
    // A worker and a Python that were brought along say themselves what they miss.
    let built = kinds.iter().copied().filter(|_| arguments.worker.is_none());
    let peer = Some(BackendKind::Libtorch).filter(|_| arguments.python.is_none());
    doctor::require(built.chain(peer))?;
    let worker = match (arguments.what, &arguments.worker) {
        // Images are decoded without burn.
        (What::Data, _) => std::env::current_exe()
            .map_err(|e| Failure::Failed(format!("error: cannot find this program: {e}")))?,
        (_, Some(worker)) => worker.clone(),
        (_, None) => worker::build(&kinds)?,
    };
    let scratch = Scratch::new()?;
    let bench = Bench { arguments, kinds, worker, scratch };
    let found = match arguments.what {
        What::Step => step::run(&bench)?,
        What::Ops => ops::run(&bench)?,
        What::Data => data::run(&bench)?,
        What::Sweep => sweep::run(&bench)?,
        What::Memory => memory::run(&bench)?,
    };
    match arguments.format {
        Plain::Json => say!("{}", found.json),
        Plain::Table => table::print_rows(&found.header, &found.rows),
    }
    if arguments.write {
        page::write(arguments, &found)?;
    }
    Ok(())
}
