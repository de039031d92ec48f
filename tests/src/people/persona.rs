//! Somebody who never existed before: names, address and password drawn for the occasion.

use store::clock::Clock;

/// Words of every password, so that it is long enough and no list has it.
pub const PASSWORD_WORDS: &str = "Baobab-lumineux-sous-la-pluie";

const FIRST_NAMES: [&str; 8] = [
    "Aminata", "Moussa", "Fatou", "Ibrahima", "Mariam", "Ousmane", "Aïcha", "Cheikh",
];
const LAST_NAMES: [&str; 8] = [
    "Ndiaye",
    "Traoré",
    "Diop",
    "Koné",
    "Sow",
    "Camara",
    "Ouédraogo",
    "Mensah",
];

/// A person with a distinct name, so that a leak of it is found by a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persona {
    /// Letters that only this person has.
    pub mark: String,
    /// First name.
    pub first_name: String,
    /// Last name, with the mark.
    pub last_name: String,
    /// Mail address, with the mark.
    pub email: String,
    /// Password.
    pub password: String,
    /// Telephone number, nobody else's.
    pub phone: String,
    /// Street and number, with the mark.
    pub street: String,
    /// Employer, with the mark.
    pub employer: String,
}

impl Persona {
    /// A fresh person.
    #[must_use]
    pub fn new() -> Self {
        let draw = u64::from_be_bytes(store::clock::random_bytes());
        let mark = letters(draw);
        let pick = |names: [&str; 8], shift: u32| {
            let index = usize::try_from((draw >> shift) % 8).unwrap_or_default();
            names[index].to_owned()
        };
        let first_name = pick(FIRST_NAMES, 3);
        let last_name = format!("{}-{}", pick(LAST_NAMES, 9), capitalised(&mark));
        Self {
            email: format!("{mark}@candidats.yemma.test"),
            password: format!("{PASSWORD_WORDS}-{}", Clock::system().new_id().simple()),
            phone: format!("+22177{:08}", draw % 100_000_000),
            street: format!("{} rue {}", draw % 90 + 10, capitalised(&mark)),
            employer: format!("Ateliers {}", capitalised(&mark)),
            first_name,
            last_name,
            mark,
        }
    }

    /// Everything that may be known to nobody but the person and who they show it to.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        vec![&self.mark, &self.phone, &self.password]
    }
}

impl Default for Persona {
    fn default() -> Self {
        Self::new()
    }
}

/// Ten letters that spell no word.
fn letters(mut draw: u64) -> String {
    (0..10)
        .map(|place| {
            let set: &[u8] = if place % 2 == 0 {
                b"bdfgklmnprstvz"
            } else {
                b"aeiou"
            };
            let size = set.len() as u64;
            let index = usize::try_from(draw % size).unwrap_or_default();
            draw /= size;
            char::from(set[index])
        })
        .collect()
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
