use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::RotatingFile;
use crate::line::Line;

fn append(file: &mut RotatingFile, texts: &[&str]) {
    let lines: Vec<Line<'_>> = texts
        .iter()
        .map(|text| Line {
            number: 0,
            text: text.as_bytes(),
        })
        .collect();
    file.append(&lines).unwrap();
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn full_file_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("suppressed.jsonl");
    let mut file = RotatingFile::new(&path).with_limit(Some(10));
    for line in ["one", "two", "three", "longer than all that"] {
        append(&mut file, &[line]);
    }
    assert_eq!(read(&path), "longer than all that\n");
    assert_eq!(read(&folder.path().join("suppressed.jsonl.1")), "three\n");
}

#[test]
fn incomplete_line_is_removed_at_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    for (before, after) in [
        ("", "new\n"),
        ("a\n", "a\nnew\n"),
        ("a\nb", "a\nnew\n"),
        ("torn", "new\n"),
    ] {
        std::fs::write(&path, before).unwrap();
        append(&mut RotatingFile::new(&path), &["new"]);
        assert_eq!(read(&path), after, "{before:?}");
    }
}

#[test]
fn other_content_is_kept_at_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    let other = "x".repeat(usize::try_from(super::TAIL_BYTES).unwrap() + 1);
    std::fs::write(&path, &other).unwrap();
    append(&mut RotatingFile::new(&path), &["new"]);
    assert_eq!(read(&path), format!("{other}\nnew\n"));
}

#[test]
fn failed_write_is_undone_later_if_it_cannot_be_undone_now() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    let mut file = RotatingFile::new(&path);
    append(&mut file, &["one"]);
    // As after a write whose file system is read-only since.
    std::fs::write(&path, "one\ntwo\nthr").unwrap();
    file.file.as_mut().unwrap().undo = Some(4);
    append(&mut file, &["two", "three"]);
    assert_eq!(read(&path), "one\ntwo\nthree\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// However the file is rotated between batches, each line is in one of the files, whole and once.
    #[test]
    fn rotation_neither_doubles_nor_tears_lines(
        rounds in prop::collection::vec((0..3_u8, 1..4_usize, any::<bool>()), 1..12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let mut file = RotatingFile::new(&path);
        let (mut written, mut kept) = (Vec::new(), String::new());
        for (round, (rotation, count, reopens)) in rounds.into_iter().enumerate() {
            let texts: Vec<String> = (0..count).map(|line| format!("{round}.{line}")).collect();
            append(&mut file, &texts.iter().map(String::as_str).collect::<Vec<_>>());
            written.extend(texts);
            match rotation {
                0 => {}
                1 => {
                    let old = folder.path().join(format!("f.{round}"));
                    std::fs::rename(&path, &old).unwrap();
                    kept.push_str(&read(&old));
                }
                _ => {
                    kept.push_str(&read(&path));
                    std::fs::File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
                }
            }
            if reopens {
                file = RotatingFile::new(&path);
            }
        }
        kept.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
        prop_assert_eq!(kept.lines().collect::<Vec<_>>(), written);
    }
}

const LIMITED: &str = "WARDLINE_TEST_LIMITED_FILE";

/// Writes under a limit of the file size, which fails like a full disk: a part is written.
#[test]
fn full_disk_leaves_whole_lines() {
    if let Some(path) = std::env::var_os(LIMITED) {
        return write_until_full(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("findings.jsonl");
    let output = Command::new("sh")
        // The signal for exceeding the limit would end the process.
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "rotating::tests::full_disk_leaves_whole_lines"])
        .env(LIMITED, &path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let whole = |batches: std::ops::Range<usize>| -> String {
        batches
            .map(|number| batch(number).join("\n") + "\n")
            .collect()
    };
    let before = read(&path.with_extension("old"));
    assert!(
        before == whole(0..2) || before == whole(0..1),
        "{} bytes",
        before.len()
    );
    let failed = if before == whole(0..2) { 2 } else { 1 };
    assert!(read(&path) == whole(failed..failed + 1), "written once");
}

/// Lines of about 3 KiB in all; the limit is 4 KiB or 8 KiB, as the shell counts.
fn batch(number: usize) -> Vec<String> {
    (0..3)
        .map(|line| format!("{number}.{line} {}", "x".repeat(1000)))
        .collect()
}

/// Appends batches until one fails, and that one again after the file was rotated.
fn write_until_full(path: &Path) {
    let mut file = RotatingFile::new(path);
    for number in 0..3 {
        let texts = batch(number);
        let lines: Vec<Line<'_>> = texts
            .iter()
            .map(|text| Line {
                number: 0,
                text: text.as_bytes(),
            })
            .collect();
        if let Err(failed) = file.append(&lines) {
            assert_eq!(failed.taken, 0, "{failed:?}");
            std::fs::rename(path, path.with_extension("old")).unwrap();
            file.append(&lines).unwrap();
            return;
        }
    }
    panic!("no write failed");
}
