//! The question of `POST /search/profiles`.
//!
//! An unknown filter, facet or sort is refused; a value nobody has is no error, it finds nobody.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::candidates::profile::{Currency, LanguageLevel, SkillLevel};
use crate::codes;
use crate::fields::formats::{self, MAX_ITEMS};
use crate::fields::reader::{Errors, Reader};
use crate::fields::{FieldCode, FieldError};
use crate::validation::rules::Score;

/// Entries of a page when the question does not say.
pub const DEFAULT_LIMIT: u32 = 20;
/// Entries of a page at most.
pub const MAX_LIMIT: u32 = 100;

const MAX_CURSOR: usize = 2_000;
const MAX_AMOUNT: i64 = 1_000_000_000_000;

codes! {
    /// What hits are counted by; the names are those of the list filters.
    pub enum Facet {
        /// Technical skills.
        Skills = "skills",
        /// Sectors.
        Sectors = "sectors",
        /// Main occupations.
        Occupations = "occupations",
        /// Countries.
        Countries = "countries",
        /// Cities and wanted places.
        Locations = "locations",
        /// Kinds of contract.
        ContractTypes = "contract_types",
        /// Availability.
        Availability = "availability",
        /// Education levels.
        EducationLevels = "education_levels",
        /// Languages.
        Languages = "languages",
    }
}

codes! {
    /// The order of the hits.
    pub enum Sort {
        /// The best match first.
        Relevance = "relevance",
        /// The highest score first.
        Score = "score",
        /// The most experience first.
        Experience = "experience",
        /// The latest validation first.
        Recent = "recent",
    }
}

/// A question, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchQuery {
    /// Words to look for.
    pub q: Option<String>,
    /// What a hit has to have.
    pub filters: Filters,
    /// What to count.
    pub facets: Vec<Facet>,
    /// The order.
    pub sort: Sort,
    /// Entries of a page.
    pub limit: u32,
    /// Where the page begins, as an earlier answer said.
    pub cursor: Option<String>,
}

impl Default for SearchQuery {
    fn default() -> Self {
        Self {
            q: None,
            filters: Filters::default(),
            facets: Vec::new(),
            sort: Sort::Relevance,
            limit: DEFAULT_LIMIT,
            cursor: None,
        }
    }
}

/// What a hit has to have: every filter that is there, one value of each list but every skill and
/// every language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// All of these skills.
    pub skills: Vec<SkillFilter>,
    /// Years of experience.
    pub experience: Option<YearsFilter>,
    /// One of these sectors.
    pub sectors: Vec<String>,
    /// One of these occupations.
    pub occupations: Vec<String>,
    /// One of these countries.
    pub countries: Vec<String>,
    /// One of these cities or wanted places.
    pub locations: Vec<String>,
    /// One of these kinds of contract.
    pub contract_types: Vec<String>,
    /// One of these availabilities.
    pub availability: Vec<String>,
    /// One of these levels.
    pub education_levels: Vec<String>,
    /// All of these languages.
    pub languages: Vec<LanguageFilter>,
    /// Whoever asks for no more at the low end.
    pub salary_max: Option<SalaryFilter>,
    /// Whoever has at least this score out of 5.
    pub score_min: Option<Score>,
    /// Whoever was validated on this day (UTC) or later.
    pub validated_after: Option<NaiveDate>,
}

/// A skill, at one of the levels; without any named, at any or none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillFilter {
    /// Its name.
    pub name: String,
    /// That level and those above it; empty when the level asked for does not exist.
    pub levels: Option<Vec<SkillLevel>>,
}

/// A language, at one of the levels; without any named, at any or none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageFilter {
    /// ISO 639-1 code.
    pub code: String,
    /// That level and those above it; empty when the level asked for does not exist.
    pub levels: Option<Vec<LanguageLevel>>,
}

/// A span of years, both ends included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct YearsFilter {
    /// At least.
    pub min: Option<u32>,
    /// At most.
    pub max: Option<u32>,
}

/// A salary of a month, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalaryFilter {
    /// The amount.
    pub amount: i64,
    /// Its currency.
    pub currency: Currency,
}

/// Reads the body of a search.
pub fn read_query(body: Value) -> Result<SearchQuery, Vec<FieldError>> {
    let mut errors = Errors::default();
    let mut query = SearchQuery::default();
    if let Some(mut reader) = Reader::open(String::new(), body, &mut errors) {
        reader.line("q", &mut query.q);
        let mut filters = None;
        reader.object("filters", &mut filters, read_filters);
        query.filters = filters.unwrap_or_default();
        reader.codes("facets", &mut query.facets, Facet::from_code);
        let mut sort = None;
        reader.code("sort", &mut sort);
        query.sort = sort.unwrap_or(Sort::Relevance);
        let mut limit = None;
        reader.integer("limit", &mut limit, 1, i64::from(MAX_LIMIT));
        query.limit = limit
            .and_then(|limit| u32::try_from(limit).ok())
            .unwrap_or(DEFAULT_LIMIT);
        reader.string("cursor", &mut query.cursor, |cursor| {
            if cursor.len() > MAX_CURSOR {
                return Err(FieldCode::TooLong);
            }
            Ok(cursor.to_owned())
        });
        reader.finish();
    }
    errors.into_result().map(|()| query)
}

fn read_filters(reader: &mut Reader<'_>, filters: &mut Filters) {
    reader.objects("skills", &mut filters.skills, read_skill);
    reader.object("experience", &mut filters.experience, |reader, years| {
        reader.count("min", &mut years.min);
        reader.count("max", &mut years.max);
    });
    let lists = [
        ("sectors", &mut filters.sectors),
        ("occupations", &mut filters.occupations),
        ("countries", &mut filters.countries),
        ("locations", &mut filters.locations),
        ("contract_types", &mut filters.contract_types),
        ("availability", &mut filters.availability),
        ("education_levels", &mut filters.education_levels),
    ];
    for (name, values) in lists {
        reader.values(name, values, MAX_ITEMS);
    }
    reader.objects("languages", &mut filters.languages, read_language);
    read_salary(reader, &mut filters.salary_max);
    reader.value("score_min", &mut filters.score_min, |value| {
        let score = value.as_f64().ok_or(FieldCode::WrongType)?;
        least_score(score).map(Some)
    });
    reader.string(
        "validated_after",
        &mut filters.validated_after,
        formats::date,
    );
}

fn read_skill(reader: &mut Reader<'_>, skill: &mut SkillFilter) {
    skill.name = reader.sought("name");
    skill.levels = levels(reader, SkillLevel::from_code, SkillLevel::ALL);
}

fn read_language(reader: &mut Reader<'_>, language: &mut LanguageFilter) {
    language.code = reader.sought("code");
    language.levels = levels(reader, LanguageLevel::from_code, LanguageLevel::ALL);
}

/// The level asked for and those above it, in the order of the list.
fn levels<T: Copy + PartialOrd>(
    reader: &mut Reader<'_>,
    from_code: impl Fn(&str) -> Option<T>,
    all: &[T],
) -> Option<Vec<T>> {
    let mut levels = None;
    reader.string("level", &mut levels, |code| {
        let least = from_code(code);
        let at_least = |level: &T| least.is_some_and(|least| *level >= least);
        Ok(all.iter().copied().filter(at_least).collect())
    });
    levels
}

fn read_salary(reader: &mut Reader<'_>, target: &mut Option<SalaryFilter>) {
    let mut money: Option<(Option<i64>, Option<Currency>)> = None;
    reader.object("salary_max", &mut money, |reader, (amount, currency)| {
        let sent = [
            ("amount", reader.integer("amount", amount, 0, MAX_AMOUNT)),
            ("currency", reader.code("currency", currency)),
        ];
        for (name, _) in sent.iter().filter(|(_, sent)| !sent) {
            reader.refuse(name, FieldCode::Required);
        }
    });
    *target = money.and_then(|(amount, currency)| {
        Some(SalaryFilter {
            amount: amount?,
            currency: currency?,
        })
    });
}

/// A score of 0 to 5; a third decimal rounds up, since nobody below it is asked for.
fn least_score(score: f64) -> Result<Score, FieldCode> {
    if !(0.0..=5.0).contains(&score) {
        return Err(FieldCode::OutOfRange);
    }
    // Decimals such as 4.35 have no exact binary form: what is less than a millionth above a
    // hundredth is that hundredth.
    let least = (score * 100.0 - 1e-6).ceil();
    // Adding zero makes a negative zero plain: its sign would not parse.
    let hundredths = format!("{:.0}", least + 0.0);
    let hundredths = hundredths.parse().map_err(|_| FieldCode::OutOfRange)?;
    Ok(Score::from_hundredths(hundredths))
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
