use std::panic::{AssertUnwindSafe, catch_unwind};

use bpe_openai::cl100k_base;
use proptest::prelude::*;
use text_splitter::{ChunkConfig, ChunkSizer, MarkdownSplitter, TextSplitter};

use super::*;

/// What makes trouble, in Markdown and elsewhere.
const PIECES: &[&str] = &[
    " ",
    "    ",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "\u{a0}",
    "\u{feff}",
    "\0",
    "\u{1b}[0m",
    "\u{7f}",
    "word",
    "Words are here. ",
    "don't",
    "'S",
    "1234567",
    "3.14",
    "...!!!???",
    "-----",
    "********",
    "________",
    "naïve",
    "a\u{301}\u{302}\u{323}",
    "\u{301}",
    "ﷺ",
    "👩‍👩‍👧‍👦",
    "🇩🇪🇫🇷",
    "🫠",
    "日本語の文章。",
    "ภาษาไทย",
    "עברית",
    "\u{202e}rtl",
    "# Title\n",
    "\n## Part\n\n",
    "Title\n===\n",
    "- item\n",
    "  - inner\n",
    "\n1. one\n",
    "> quote\n",
    "> > deep\n",
    "```\n",
    "\n```rust\n",
    "~~~~\n",
    "let x = \"a\";\n",
    "    code\n",
    "|a|b|\n|-|-|\n|c|d|\n",
    "---\n",
    "+++\n",
    "<div>\n",
    "<!-- ",
    "-->",
    "[link](http://a.b/c?d=e)",
    "![",
    "](",
    "[^1]",
    "[^1]: note\n",
    "**",
    "*",
    "_",
    "`",
    "``",
    "$$",
    "&amp;",
    "\\",
    "<a href='",
    "{#id}",
    ": ",
    "Antidisestablishmentarianism",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

fn tokens(text: &str) -> usize {
    cl100k_base().count(text)
}

fn at(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// Splits, and checks what holds for every text.
fn checked(text: &str, markdown: bool, max: usize, overlap: usize) -> Vec<Chunk<'_>> {
    let chunks = split(text, markdown, max, overlap, &mut || ());
    let mut front = 0..0;
    for chunk in &chunks {
        let start = at(text, chunk.content);
        let own = start + chunk.overlap..start + chunk.content.len();
        assert_eq!(chunk.tokens, tokens(chunk.content));
        assert!(chunk.tokens <= max.max(1) || chunk.content.chars().count() == 1, "{chunk:?} is above {max} tokens");
        assert_eq!(chunk.content, chunk.content.trim_end());
        let indent = &chunk.content[..chunk.content.len() - chunk.content.trim_start().len()];
        assert!(indent.is_empty() || markdown && !indent.contains('\n'), "{chunk:?} begins with white space");
        assert!(text[front.end..own.start].trim().is_empty(), "{:?} is in no chunk", &text[front.end..own.start]);
        if chunk.overlap > 0 {
            assert!(front.start < start && start < front.end, "{chunk:?} repeats more than the chunk in front");
            assert!(tokens(&text[start..front.end]) <= overlap, "{chunk:?} has more than {overlap} tokens of overlap");
        }
        front = own;
    }
    assert!(text[front.end..].trim().is_empty(), "{:?} is in no chunk", &text[front.end..]);
    chunks
}

fn contents<'t>(chunks: &[Chunk<'t>]) -> Vec<&'t str> {
    chunks.iter().map(|chunk| chunk.content).collect()
}

fn trouble() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => (any::<char>(), 1..300usize).prop_map(|(char, times)| char.to_string().repeat(times)),
    ];
    prop::collection::vec(piece, 0..250).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_text_is_split(text in trouble(), markdown: bool, max in 1..48usize, overlap in 0..48usize) {
        checked(&text, markdown, max, overlap);
    }

    #[test]
    fn large_chunks_of_every_text(text in trouble(), markdown: bool, max in 48..700usize, overlap in 0..700usize) {
        checked(&text, markdown, max, overlap);
    }

    #[test]
    fn tables_know_parts(text in trouble(), ends: (prop::sample::Index, prop::sample::Index)) {
        let mut ignore = || ();
        let interrupt = Interrupt::new(&mut ignore);
        let table = Table::new(&text, usize::MAX, &interrupt);
        prop_assert_eq!(table.len(), text.len());
        prop_assert_eq!(count(&text, &interrupt), tokens(&text));
        let (a, b) = (ends.0.index(text.len() + 1), ends.1.index(text.len() + 1));
        prop_assert!(table.tokens(a.min(b)..a.max(b)) <= table.tokens(0..text.len()));
        let start = table.last(7);
        prop_assert!(table.tokens(start..text.len()) <= 8 && (start == 0 || table.tokens(start - 1..text.len()) > 7));
    }
}

#[test]
fn blank_text_has_no_chunks() {
    for text in ["", " ", "\n", "\r\n\t\u{a0}\u{3000}\u{2028}", &" \n".repeat(20_000)] {
        assert_eq!(checked(text, false, 16, 4), []);
        assert_eq!(checked(text, true, 16, 4), []);
    }
}

#[test]
fn short_text_is_one_chunk() {
    let chunk = Chunk { content: "Hello, world.", overlap: 0, tokens: 4 };
    assert_eq!(split("  Hello, world.\r\n", false, 512, 64, &mut || ()), [chunk]);
    assert_eq!(split("\nHello, world.\n\n", true, usize::MAX, 64, &mut || ()), [chunk]);
}

#[test]
fn limits_out_of_range_are_moved_into_it() {
    assert_eq!(contents(&checked("a b", false, 0, 9)), ["a", "b"]);
    assert_eq!(contents(&checked("a b", false, 2, usize::MAX)), ["a", "b"]);
}

#[test]
fn characters_are_not_divided() {
    let chunks = checked("🫠x🫠", false, 1, 0);
    assert_eq!(contents(&chunks), ["🫠", "x", "🫠"]);
    assert!(chunks[0].tokens > 1);
    assert_eq!(contents(&checked("🫠x🫠", true, 4, 3)).len(), 3);
    assert!(
        (0..=u32::from(char::MAX)).step_by(97).filter_map(char::from_u32).all(|char| tokens(&char.to_string()) <= 4)
    );
}

#[test]
fn the_tokenizer_takes_every_character() {
    let mut ignore = || ();
    let interrupt = Interrupt::new(&mut ignore);
    let text: String = ('\0'..='\u{ffff}').flat_map(|char| [char, ' ']).collect();
    assert_eq!(Table::new(&text, usize::MAX, &interrupt).len(), text.len());
}

#[test]
fn sections_stay_together() {
    let text = "# One\n\nAlpha beta gamma.\n\n## Two\n\n- delta\n- epsilon\n\n# Three\n\nZeta eta theta iota.\n";
    let chunks = contents(&checked(text, true, 12, 0));
    assert_eq!(
        chunks,
        ["# One\n\nAlpha beta gamma.", "## Two\n\n- delta\n- epsilon", "# Three\n\nZeta eta theta iota."]
    );
}

#[test]
fn sentences_stay_together() {
    let text = "First comes one. Then comes another one. At last there is a third.";
    let chunks = contents(&checked(text, false, 7, 0));
    assert_eq!(chunks, ["First comes one.", "Then comes another one.", "At last there is a third."]);
}

#[test]
fn overlaps_begin_with_a_sentence_or_a_word() {
    let text =
        "The plan is long and has many parts. It is done. Now the next plan begins and it has parts too. ".repeat(30);
    let chunks = checked(&text, false, 40, 12);
    assert!(chunks.len() > 20);
    for chunk in &chunks[1..] {
        let front = chunk.content[..chunk.overlap].trim_end();
        assert!((4..=12).contains(&tokens(front)), "{front:?} is no good overlap");
        assert!(text[..at(&text, front)].ends_with(' '), "{front:?} begins within a word");
    }
    let whole = chunks.iter().filter(|chunk| chunk.content.starts_with(['T', 'I', 'N'])).count();
    assert!(whole * 2 > chunks.len(), "{whole} of {} begin with a sentence", chunks.len());
}

#[test]
fn overlaps_without_words_begin_with_a_character() {
    let text = "👩‍👩‍👧‍👦".repeat(200);
    let chunks = checked(&text, false, 100, 40);
    assert!(chunks[1..].iter().all(|chunk| chunk.overlap > 0 && chunk.overlap.is_multiple_of("👩‍👩‍👧‍👦".len())));
}

/// The real size, for text-splitter by itself.
struct Real;

impl ChunkSizer for Real {
    fn size(&self, chunk: &str) -> usize {
        tokens(chunk)
    }
}

/// A document of many stretches with everything that has seams of its own.
fn document() -> String {
    let section = |n: usize| {
        let sentences =
            format!("Section {n} says something. It goes on about it, at {} words. ", n * 7).repeat(n % 9 + 1);
        let items: String = (0..n % 12).map(|item| format!("- item {item} of a list\n  - and one inside\n")).collect();
        let code: String = (0..n % 40).map(|line| format!("    let line_{line} = {n}; # not a heading\n")).collect();
        format!("{} Number {n}\n\n{sentences}\n\n{items}\n```rust\n{code}```\n\n", "#".repeat(n % 4 + 1))
    };
    (0..120).map(section).collect()
}

#[test]
fn stretches_leave_no_seams() {
    let text = document();
    let config = || ChunkConfig::new(128).with_sizer(Real);
    let own: Vec<_> = MarkdownSplitter::new(config()).chunks(&text).collect();
    for (ours, own) in contents(&checked(&text, true, 128, 0)).into_iter().zip(own) {
        assert_eq!(ours, own);
    }
    let own: Vec<_> = TextSplitter::new(config()).chunks(&text).collect();
    let ours = contents(&checked(&text, false, 128, 0));
    let same = ours.iter().filter(|chunk| own.contains(chunk)).count();
    assert!(same * 10 >= own.len() * 9, "{same} of {}", own.len());
}

#[test]
fn markdown_behind_long_code_is_markdown() {
    let code = "# not a heading\n".repeat(600);
    let text = format!("# One\n\n```sh\n{code}```\n\n# Two\n\nText.\n\n~~~\n{code}");
    let chunks = contents(&checked(&text, true, 64, 8));
    assert!(chunks.iter().any(|chunk| chunk.ends_with("# Two\n\nText.") || chunk.contains("# Two\n\nText.\n")));
}

#[test]
fn fences_open_and_close() {
    let mut fences = Fences::default();
    let text = "a\n````rust\nb\n```\n~~~\n````\nc ``` d\n``` e ``` f\n> ~~~\n> g\n> ~~~ h\n> ~~~\ni";
    let held: String = text.char_indices().filter(|&(at, _)| fences.hold(text, at)).map(|(_, char)| char).collect();
    assert_eq!(held, "```rust\nb\n```\n~~~\n` ~~~\n> g\n> ~~~ h\n>");
}

#[test]
fn one_long_line() {
    let lines = ["a", "xk", "0123456789", "-", "\u{301}", "🫠", "漢字", "[a](b)", "*a", "`", "<a ", "> ", "- ", "|"];
    for line in lines {
        let text = line.repeat(30_000 / line.len());
        let markdown = checked(&text, true, 64, 8);
        assert!(markdown.len() < 2_000 && markdown.iter().skip(1).all(|chunk| chunk.tokens > 8), "{line:?}");
        checked(&text, false, 512, 64);
    }
}

#[test]
fn parts_too_large_are_mended() {
    let text = "Hello there, world.";
    let mut ignore = || ();
    let interrupt = Interrupt::new(&mut ignore);
    let mut chunks =
        Chunks { text, markdown: false, max: 4, overlap: 0, interrupt: &interrupt, own: 0..0, made: vec![] };
    chunks.push(0..text.len());
    assert_eq!(contents(&chunks.made), ["Hello there, world", "."]);
    // A part that the real sizes allow cannot be too large; it is halved all the same.
    chunks.mend(0..12);
    assert_eq!(contents(&chunks.made[2..]), ["Hello", "there,"]);
}

#[test]
fn interrupts_are_frequent_and_may_cancel() {
    let text = document();
    let mut calls = 0;
    let chunks = split(&text, true, 128, 16, &mut || calls += 1);
    assert!(calls > text.len() / 4_096);
    for least in [0, 1, 10, calls / 2] {
        let mut calls = 0;
        let mut cancel = || {
            calls += 1;
            assert!(calls <= least, "cancelled");
        };
        assert!(catch_unwind(AssertUnwindSafe(|| split(&text, true, 128, 16, &mut cancel))).is_err());
        assert_eq!(split(&text, true, 128, 16, &mut || ()), chunks);
    }
}
