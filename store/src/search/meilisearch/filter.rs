//! Filters in the engine's language. Values are quoted here and nowhere else, so that none can
//! become an operator.

use workflows::search::query::Facet;

use crate::search::criteria::Criteria;

/// The conditions of a question, all of which must hold; `without` leaves one facet's own out.
pub(super) fn conditions(criteria: &Criteria, without: Option<Facet>) -> Vec<String> {
    let mut conditions: Vec<String> = criteria.required.iter().map(|term| has(term)).collect();
    for (facet, terms) in &criteria.any_of {
        if without != Some(*facet) {
            let any: Vec<String> = terms.iter().map(|term| has(term)).collect();
            conditions.push(any.join(" OR "));
        }
    }
    let mut at_least = |attribute: &str, least: Option<i64>| {
        conditions.extend(least.map(|least| [attribute, " >= ", &least.to_string()].concat()));
    };
    at_least("experience_years", criteria.experience_min.map(i64::from));
    at_least("score", criteria.score_min.map(i64::from));
    at_least(
        "validated_at",
        criteria.validated_from.map(|moment| moment.timestamp()),
    );
    if let Some(most) = criteria.experience_max {
        conditions.push(["experience_years <= ", &most.to_string()].concat());
    }
    if let Some((amount, currency)) = criteria.salary_max {
        conditions.push(["salary_currency = ", &quoted(currency)].concat());
        conditions.push(["salary_min <= ", &amount.to_string()].concat());
    }
    conditions
}

fn has(term: &str) -> String {
    ["terms = ", &quoted(term)].concat()
}

/// A value between quotation marks; those in it, and the sign that escapes them, escaped.
fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workflows::search::query::read_query;

    use super::*;

    #[test]
    fn a_value_never_leaves_its_quotation_marks() {
        assert_eq!(quoted(r#"a" OR terms = "b"#), r#""a\" OR terms = \"b""#);
        assert_eq!(quoted(r"a\"), r#""a\\""#);
    }

    #[test]
    fn a_facets_own_filter_can_be_left_out() {
        let body = json!({"filters": {"countries": ["CI", "SN"], "score_min": 4}});
        let criteria = Criteria::of(&read_query(body).unwrap(), 0);
        assert_eq!(
            conditions(&criteria, None),
            [
                r#"terms = "countries:ci" OR terms = "countries:sn""#,
                "score >= 400"
            ]
        );
        assert_eq!(
            conditions(&criteria, Some(Facet::Countries)),
            ["score >= 400"]
        );
    }
}
