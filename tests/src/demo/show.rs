//! What the person before the terminal sees.

use std::io::{IsTerminal as _, Write as _};

/// Prints a step, what came of it and where to look.
#[derive(Debug)]
pub struct Show {
    colours: bool,
    number: u32,
}

impl Show {
    /// Colours only where somebody sees them.
    #[must_use]
    pub fn new() -> Self {
        Self {
            colours: std::io::stdout().is_terminal(),
            number: 0,
        }
    }

    /// A part of the journey begins.
    pub fn act(&self, title: &str) {
        self.line(&format!("\n{}", self.paint("1;36", title)));
    }

    /// A step that went as promised.
    pub fn step(&mut self, title: &str, outcome: &str) {
        self.number += 1;
        let tick = self.paint("32", "ok");
        self.line(&format!(
            "  {:>2} {tick} {title:<44} {outcome}",
            self.number
        ));
    }

    /// Where to look.
    pub fn look(&self, what: &str, place: &str) {
        let arrow = self.paint("2", &format!("        > {what:<12} {place}"));
        self.line(&arrow);
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    #[expect(clippy::unused_self, reason = "the one way out")]
    fn line(&self, text: &str) {
        let mut out = std::io::stdout();
        // A reader that has left misses nothing.
        let _ = writeln!(out, "{text}");
        let _ = out.flush();
    }
}

impl Default for Show {
    fn default() -> Self {
        Self::new()
    }
}
