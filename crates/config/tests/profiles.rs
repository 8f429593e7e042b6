//! What a person sees when a launcher's profile is wrong.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use config::{CommandProfile, SlurmProfile};

fn refusal(text: &str) -> String {
    SlurmProfile::from_toml(text, "p.toml").expect_err("must be refused").to_string()
}

#[test]
fn a_table_of_a_class_wins_over_the_top() {
    let text = "partition = \"main\"\nmem = \"4G\"\nmax_running = 8\n[gpu]\npartition = \"gpu\"\n\
                gres = \"gpu:1\"\nsetup = [\"module load cuda\"]\n";
    let profile = SlurmProfile::from_toml(text, "p.toml").unwrap();
    let gpu = profile.gpu.unwrap();
    assert_eq!(profile.processor.partition.as_deref(), Some("main"));
    assert_eq!((gpu.partition.as_deref(), gpu.gres.as_deref()), (Some("gpu"), Some("gpu:1")));
    assert_eq!((gpu.mem.as_deref(), gpu.max_running), (Some("4G"), Some(8)));
    assert_eq!((profile.processor.setup.len(), gpu.setup.len()), (0, 1));
    assert_eq!((gpu.grace, gpu.max_requeues), (120, 3));
    assert_eq!(SlurmProfile::from_toml("", "p.toml").unwrap(), SlurmProfile::default());
}

#[test]
fn a_misspelt_key_is_shown_with_the_nearest_one() {
    insta::assert_snapshot!(refusal("partition = \"main\"\n[gpu]\ngers = \"gpu:1\"\n"));
    assert!(refusal("[gpus]\nmem = \"1G\"\n").contains("did you mean `gpu.mem`?"));
}

#[test]
fn values_that_slurm_would_not_understand_are_refused_where_they_stand() {
    let cases = [
        ("time = \"4h\"", "a time limit of Slurm"),
        ("time = 60", "a time limit of Slurm"),
        ("time = \"1:2:3:4\"", "a time limit of Slurm"),
        ("mem = \"4 GB\"", "an amount of memory"),
        ("partition = \"a b\"", "one word"),
        ("partition = \"\"", "one word"),
        ("grace = 60", "90 to 86400"),
        ("max_running = 0", "1 to 1000000"),
        ("extra = \"--exclusive\"", "a list of texts"),
        ("extra = [\"exclusive\"]", "no option of sbatch"),
        ("extra = [\"--array=0-3\"]", "cannot be changed"),
        ("extra = [\"-c4\"]", "cannot be changed"),
        ("extra = [\"--time=1\"]", "use the key `time`"),
        ("extra = [\"-pmain\"]", "use the key `partition`"),
        ("setup = [\"a\\nb\"]", "line break"),
        ("setup = [3]", "expected texts"),
    ];
    for (line, expected) in cases {
        let text = refusal(&format!("# a comment\n{line}\n"));
        assert!(text.contains(expected) && text.contains("p.toml:2"), "{line}: {text}");
    }
}

#[test]
fn times_in_all_of_slurms_notations_are_accepted() {
    for time in ["90", "3:00", "4:00:00", "2-0", "2-12:30", "2-12:30:00", "UNLIMITED"] {
        let text = format!("time = \"{time}\"\n");
        assert!(SlurmProfile::from_toml(&text, "p.toml").is_ok(), "{time}");
    }
}

#[test]
fn a_limit_that_leaves_no_time_to_work_is_refused() {
    insta::assert_snapshot!(refusal("time = \"2:29\"\n"));
    assert!(SlurmProfile::from_toml("time = \"2\"\ngrace = 90\n", "p.toml").is_ok());
    assert!(refusal("time = \"10\"\n[gpu]\ngrace = 600\n").contains("p.toml:1"));
}

#[test]
fn a_command_profile_has_one_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("c.toml");
    let load = |text: &str| {
        fs::write(&path, text).unwrap();
        CommandProfile::load(&path).map_err(|error| error.to_string())
    };
    assert_eq!(load("command = \"run {dir}\"\n").unwrap().command, "run {dir}");
    assert!(load("comand = \"x\"\n").unwrap_err().contains("did you mean `command`?"));
    assert!(load("").unwrap_err().contains("needs `command`"));
    assert!(load("command = 3\n").unwrap_err().contains("c.toml:1"));
}

#[test]
fn the_example_profile_is_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let profile = SlurmProfile::load(&root.join("configs/slurm/example.toml")).unwrap();
    assert_eq!(profile.gpu.unwrap().gres.as_deref(), Some("gpu:1"));
    // Every key is there, if only to be uncommented.
    let text = fs::read_to_string(root.join("configs/slurm/example.toml")).unwrap();
    let uncommented: Vec<&str> = text
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .filter(|line| {
            line.starts_with('[')
                || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
        })
        .collect();
    SlurmProfile::from_toml(&uncommented.join("\n"), "example.toml").unwrap();
    CommandProfile::load(&root.join("configs/command/parallel.toml")).unwrap();
}
