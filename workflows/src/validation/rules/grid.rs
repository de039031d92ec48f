//! The assessment grid: weighted categories of criteria.

use serde::{Deserialize, Serialize};

/// A version of the grid; a case keeps the one it began with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Raised by every change.
    pub version: i32,
    /// The categories.
    pub categories: Vec<Category>,
}

impl Grid {
    /// All criteria, in the order of the grid.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.categories
            .iter()
            .flat_map(|category| &category.criteria)
    }
}

/// A weighted category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its code.
    pub code: String,
    /// French label.
    pub label_fr: String,
    /// English label.
    pub label_en: String,
    /// Its weight among the others.
    pub weight: u32,
    /// What is rated in it.
    pub criteria: Vec<Criterion>,
}

/// One thing that is rated from 1 to 5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// Its code, unique in the grid.
    pub code: String,
    /// French label.
    pub label_fr: String,
    /// English label.
    pub label_en: String,
}

type Labelled = (&'static str, &'static str, &'static str);

/// Code, French label, English label, weight and criteria of each category.
const DEFAULT: [(Labelled, u32, &[Labelled]); 5] = [
    (
        ("technical", "Compétences techniques", "Technical skills"),
        30,
        &[
            (
                "technical_knowledge",
                "Connaissances du métier",
                "Knowledge of the trade",
            ),
            (
                "technical_practice",
                "Maîtrise pratique",
                "Practical command",
            ),
            ("tools", "Maîtrise des outils", "Command of the tools"),
            (
                "problem_solving",
                "Résolution de problèmes",
                "Problem solving",
            ),
        ],
    ),
    (
        ("experience", "Expérience", "Experience"),
        25,
        &[
            (
                "relevance",
                "Pertinence du parcours",
                "Relevance of the career",
            ),
            (
                "responsibility",
                "Niveau de responsabilité",
                "Level of responsibility",
            ),
            ("results", "Résultats obtenus", "Results achieved"),
        ],
    ),
    (
        ("behavioural", "Savoir-être", "Behaviour"),
        20,
        &[
            ("communication", "Communication", "Communication"),
            ("teamwork", "Esprit d'équipe", "Teamwork"),
            ("reliability", "Fiabilité", "Reliability"),
        ],
    ),
    (
        ("motivation", "Motivation", "Motivation"),
        15,
        &[
            ("career_plan", "Projet professionnel", "Career plan"),
            ("commitment", "Engagement", "Commitment"),
        ],
    ),
    (
        ("potential", "Potentiel", "Potential"),
        10,
        &[
            ("learning", "Capacité d'apprentissage", "Ability to learn"),
            ("leadership", "Leadership", "Leadership"),
        ],
    ),
];

/// The grid a fresh platform begins with, version 1.
#[must_use]
pub fn default_grid() -> Grid {
    let categories = DEFAULT
        .iter()
        .map(|((code, label_fr, label_en), weight, criteria)| Category {
            code: (*code).to_owned(),
            label_fr: (*label_fr).to_owned(),
            label_en: (*label_en).to_owned(),
            weight: *weight,
            criteria: criteria.iter().map(criterion).collect(),
        });
    Grid {
        version: 1,
        categories: categories.collect(),
    }
}

fn criterion((code, label_fr, label_en): &Labelled) -> Criterion {
    Criterion {
        code: (*code).to_owned(),
        label_fr: (*label_fr).to_owned(),
        label_en: (*label_en).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_weighs_a_hundred_and_names_each_criterion_once() {
        let grid = default_grid();
        let weights: Vec<_> = grid
            .categories
            .iter()
            .map(|c| (c.code.as_str(), c.weight))
            .collect();
        assert_eq!(
            weights,
            [
                ("technical", 30),
                ("experience", 25),
                ("behavioural", 20),
                ("motivation", 15),
                ("potential", 10)
            ]
        );
        let codes: std::collections::HashSet<_> = grid.criteria().map(|c| &c.code).collect();
        assert_eq!(codes.len(), grid.criteria().count());
        assert!(
            grid.categories
                .iter()
                .all(|c| (2..=4).contains(&c.criteria.len()))
        );
    }
}
