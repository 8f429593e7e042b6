//! Sweeps that are stopped, and terminals that are gone.

use super::*;

#[test]
fn a_stopped_sweep_saves_its_cells_and_resumes_them() {
    for stop in [Signal::INT, Signal::TERM] {
        let bench = Bench::new();
        let child = bench.run_midway();
        signal(&child, stop);
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 75);
        assert!(err(&output).contains("resume with: cargo xtask"), "{}", err(&output));
        assert_eq!((bench.calls("start"), bench.calls("interrupted")), (2, 2));
        let status = out(&bench.xtask(&["status", "tiny"]));
        assert_eq!(status.matches("interrupted at step").count(), 2, "{status}");

        let resumed = bench.run(&[]);
        assert_eq!(code(&resumed), 0, "{}", err(&resumed));
        // Two cells from the start, the other two from where they were.
        assert_eq!((bench.calls("start"), bench.calls(" 0 threads")), (6, 4));
    }
}

#[test]
fn a_second_signal_ends_workers_that_do_not_stop() {
    let bench = Bench::new();
    bench.tell("behave-all", "stubborn");
    let child = bench.run_midway();
    signal(&child, Signal::TERM);
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, Signal::TERM);
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), bench.calls("end")), (75, 0));
    let status = out(&bench.xtask(&["status", "tiny"]));
    assert_eq!(status.matches("ended without a word").count(), 2, "{status}");
}

#[test]
fn a_timeout_fails_the_cell_and_says_how_to_go_on() {
    let bench = Bench::new();
    bench.tell("steps", "100");
    let output = bench.run(&["--timeout", "1s", "--seeds", "1"]);
    assert_eq!(code(&output), 1);
    let text = err(&output);
    assert!(text.contains("did not finish within 1 s") && text.contains("go on with: cargo xtask"));
    assert!(!text.contains("--retry-failed"), "{text}");
    bench.tell("steps", "2");
    assert_eq!(code(&bench.run(&["--seeds", "1"])), 0);
}

/// A pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn printing_into_a_closed_pipe_ends_quietly() {
    use std::os::unix::process::ExitStatusExt;
    let bench = Bench::new();
    bench.run(&[]);
    for arguments in [&["status", "tiny"][..], &["verify", "tiny"], &["doctor"], &["--help"]] {
        let mut command = bench.command(arguments);
        let child = command.stdout(closed_pipe()).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(err(&output), "", "{arguments:?}");
        assert_eq!(output.status.signal(), Some(Signal::PIPE.as_raw()), "{arguments:?}");
    }
}

#[test]
fn a_sweep_goes_on_when_nobody_reads_what_it_says() {
    let bench = Bench::new();
    let mut command = bench.run_command(&[]);
    command.stdout(closed_pipe()).stderr(closed_pipe()).spawn().unwrap().wait().unwrap();
    let status = out(&bench.xtask(&["status", "tiny"]));
    assert!(status.contains("4 of 4 cells done"), "{status}");
}
