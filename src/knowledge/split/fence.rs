//! Fenced code in Markdown: what a stretch that begins inside of it cannot know.

/// Fences up to a place in a text.
#[derive(Clone, Default)]
pub struct Fences {
    /// The line to look at next.
    line: usize,
    /// The open fence's character and length.
    open: Option<(u8, usize)>,
}

impl Fences {
    /// Whether byte `at` of `text` is in fenced code, whose closing fence begins inside and whose opening one begins
    /// outside of it. Places must come in ascending order.
    pub fn hold(&mut self, text: &str, at: usize) -> bool {
        while self.line < at {
            let rest = &text[self.line..];
            let line = rest.find('\n').map_or(rest, |end| &rest[..=end]);
            self.read(line);
            self.line += line.len();
        }
        self.open.is_some()
    }

    /// Takes note of a line. Fences within quotes and lists count like others.
    fn read(&mut self, line: &str) {
        let line = line.trim_start_matches([' ', '\t', '>']);
        let Some(&mark @ (b'`' | b'~')) = line.as_bytes().first() else { return };
        let length = line.bytes().take_while(|&byte| byte == mark).count();
        let info = &line[length..];
        match self.open {
            None if length >= 3 && !(mark == b'`' && info.contains('`')) => self.open = Some((mark, length)),
            Some((open, least)) if mark == open && length >= least && info.trim().is_empty() => self.open = None,
            _ => {}
        }
    }
}
