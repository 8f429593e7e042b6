//! Cells that an earlier layout of results has finished.

use crate::plan::Plan;

/// Says how many cells of the plan were finished when `[eval]` was still part of what a cell is called,
/// and have not run since; `None` if there are none. They lie there under ids of their own, and nothing
/// of them is read: nobody recorded which code and which judges made them.
pub fn earlier_layout(plan: &Plan) -> Option<String> {
    let waits = |index: &usize| !plan.cell_dir(&plan.file.cells[*index]).exists();
    let finished = |index: &usize| {
        let id = plan.earlier_ids.get(*index).map(String::as_str).unwrap_or_default();
        !id.is_empty() && record::cell_dir(&plan.dir, id).join(record::DONE).is_file()
    };
    let count = (0..plan.file.cells.len()).filter(waits).filter(finished).count();
    (count > 0).then(|| {
        format!(
            "{count} of these cells were finished by an earlier version, which did not record what made \
             them: they are not read and run again"
        )
    })
}
