//! How programs end: the exit codes of the worker and of the front door.

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// What was asked for is done.
    Done,
    /// Something went wrong.
    Failed,
    /// The configuration, the arguments or the data are wrong.
    BadInput,
    /// The machine is at fault while data and judges are made ready: a full disk, a killed process.
    /// Another attempt may succeed.
    Machine,
    /// Stopped on request or by the machine; the same command resumes.
    Interrupted,
}

impl Exit {
    /// The number: 0, 1, 2, 74 (`EX_IOERR` of `sysexits.h`) or 75 (`EX_TEMPFAIL`).
    pub const fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::BadInput => 2,
            Exit::Machine => 74,
            Exit::Interrupted => 75,
        }
    }

    /// What a process's exit code means; `None` if it is none of ours.
    pub fn of(code: i32) -> Option<Exit> {
        let all = [Exit::Done, Exit::Failed, Exit::BadInput, Exit::Machine, Exit::Interrupted];
        all.into_iter().find(|exit| i32::from(exit.code()) == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back_and_others_are_nobodys() {
        assert_eq!(Exit::of(75), Some(Exit::Interrupted));
        assert_eq!(
            [Exit::of(0), Exit::of(1), Exit::of(2)].map(|e| e.map(Exit::code)),
            [0, 1, 2].map(Some)
        );
        assert_eq!(Exit::of(101), None);
    }
}
