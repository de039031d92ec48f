//! The one statement of a search: total, page and facets of what matches.
//!
//! A facet that is filtered by counts what it would be without its own filter, as people expect of
//! values of which any will do; so each such facet looks by itself, and the others share the
//! matches. The text is put together of fixed parts; whatever comes from outside is bound.

use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use workflows::search::query::{Facet, Sort};

use crate::search::criteria::Criteria;
use crate::search::index::{HIGHLIGHT_END, HIGHLIGHT_START};

/// How many values of a facet are counted, the most frequent first.
const MOST_VALUES: i64 = 100;

type Statement = QueryBuilder<Postgres>;

/// Puts the statement together; `groups` is what the question asks for.
pub(super) fn build(criteria: &Criteria, groups: Option<Value>) -> Statement {
    put_together(Statement::new(""), criteria, groups.as_ref())
}

/// The same statement, explained instead of answered.
pub(super) fn explain(criteria: &Criteria, groups: Option<Value>) -> Statement {
    let explained = Statement::new("EXPLAIN (FORMAT JSON) ");
    if criteria.is_everybody() {
        push_page(explained, criteria)
    } else {
        put_together(explained, criteria, groups.as_ref())
    }
}

/// The entries of a page of everybody, along the index of its order.
pub(super) fn page_of_everybody(criteria: &Criteria) -> Statement {
    push_page(Statement::new(""), criteria)
}

/// How many there are of everybody, or of each value of a facet.
pub(super) fn count_of_everybody(facet: Option<Facet>) -> Statement {
    let Some(facet) = facet else {
        let mut sql =
            Statement::new("SELECT '' AS value, count(*) FROM search.profile_index WHERE ");
        sql.push(VALIDATED);
        return sql;
    };
    let mut sql = Statement::new("");
    push_facet(&mut sql, facet, |sql| {
        sql.push(" AS value FROM search.profile_index WHERE ");
        sql.push(VALIDATED);
    });
    sql
}

fn push_page(mut sql: Statement, criteria: &Criteria) -> Statement {
    sql.push("SELECT revision_id, entry FROM search.profile_index WHERE ");
    sql.push(VALIDATED);
    sql.push(" ");
    // Nothing was asked for, so nothing is more relevant than the rest.
    push_order(
        &mut sql,
        match criteria.sort {
            Sort::Relevance => Sort::Score,
            sort => sort,
        },
    );
    sql.push(" LIMIT ");
    sql.push_bind(criteria.limit);
    sql.push(" OFFSET ");
    sql.push_bind(criteria.offset);
    sql
}

fn put_together(mut sql: Statement, criteria: &Criteria, groups: Option<&Value>) -> Statement {
    sql.push("WITH matched AS MATERIALIZED (SELECT ");
    sql.push(COLUMNS);
    match groups {
        Some(groups) => {
            sql.push(", ts_rank('{0.1, 0.3, 0.6, 1.0}', document, search.text_query(");
            sql.push_bind(groups.clone());
            sql.push(")) AS rank");
        }
        None => {
            sql.push(", 0 AS rank");
        }
    }
    sql.push(" FROM search.profile_index WHERE ");
    sql.push(VALIDATED);
    push_conditions(&mut sql, criteria, groups, None);
    sql.push("), page AS (SELECT profile_id, row_number() OVER (");
    push_order(&mut sql, criteria.sort);
    sql.push(") AS place FROM matched ");
    push_order(&mut sql, criteria.sort);
    sql.push(" LIMIT ");
    sql.push_bind(criteria.limit);
    sql.push(" OFFSET ");
    sql.push_bind(criteria.offset);
    sql.push(
        ") SELECT (SELECT count(*) FROM matched) AS total, \
        (SELECT coalesce(jsonb_agg(jsonb_build_object('revision_id', i.revision_id, \
        'entry', i.entry, 'highlight', ",
    );
    push_highlight(&mut sql, groups);
    sql.push(
        ") ORDER BY page.place), '[]') \
        FROM page JOIN search.profile_index i USING (profile_id)) AS hits, \
        (SELECT coalesce(jsonb_agg(counted), '[]') FROM (",
    );
    push_facets(&mut sql, criteria, groups);
    sql.push(") AS counted) AS facets");
    sql
}

/// The index may lag behind: whoever left `VALIDATED` is neither shown nor counted.
const VALIDATED: &str = "EXISTS (SELECT 1 FROM candidate.profiles person \
    WHERE person.id = profile_index.profile_id AND person.status = 'VALIDATED')";

/// What sorting and counting look at.
const COLUMNS: &str = "profile_id, score, experience_years, validated_at, sector, occupation, \
    country, availability, education_levels, locations, contract_types, skills, languages";

fn push_order(sql: &mut Statement, sort: Sort) {
    sql.push(match sort {
        Sort::Relevance => "ORDER BY rank DESC, score DESC, validated_at DESC, profile_id",
        Sort::Score => "ORDER BY score DESC, validated_at DESC, profile_id",
        Sort::Experience => "ORDER BY experience_years DESC, score DESC, profile_id",
        Sort::Recent => "ORDER BY validated_at DESC, profile_id",
    });
}

/// The part of the summary that answers the question, marked; nothing without a question.
fn push_highlight(sql: &mut Statement, groups: Option<&Value>) {
    let Some(groups) = groups else {
        sql.push("NULL");
        return;
    };
    sql.push("ts_headline('search.french_unaccent', i.summary, search.text_query(");
    sql.push_bind(groups.clone());
    sql.push("), ");
    sql.push_bind(
        HEADLINE
            .replace("<start>", HIGHLIGHT_START)
            .replace("<end>", HIGHLIGHT_END),
    );
    sql.push(")");
}

const HEADLINE: &str = "StartSel=<start>, StopSel=<end>, MinWords=20, MaxWords=40";

fn push_conditions(
    sql: &mut Statement,
    criteria: &Criteria,
    groups: Option<&Value>,
    without: Option<Facet>,
) {
    if let Some(groups) = groups {
        sql.push(" AND document @@ search.text_query(");
        sql.push_bind(groups.clone());
        sql.push(")");
    }
    if !criteria.required.is_empty() {
        sql.push(" AND terms @> ");
        sql.push_bind(criteria.required.clone());
    }
    for (facet, terms) in &criteria.any_of {
        if without != Some(*facet) {
            sql.push(" AND terms && ");
            sql.push_bind(terms.clone());
        }
    }
    push_ranges(sql, criteria);
}

fn push_ranges(sql: &mut Statement, criteria: &Criteria) {
    if let Some(least) = criteria.experience_min {
        sql.push(" AND experience_years >= ");
        sql.push_bind(least);
    }
    if let Some(most) = criteria.experience_max {
        sql.push(" AND experience_years <= ");
        sql.push_bind(most);
    }
    if let Some(least) = criteria.score_min {
        sql.push(" AND score >= ");
        sql.push_bind(least);
    }
    if let Some((amount, currency)) = criteria.salary_max {
        sql.push(" AND salary_currency = ");
        sql.push_bind(currency);
        sql.push(" AND salary_min <= ");
        sql.push_bind(amount);
    }
    if let Some(moment) = criteria.validated_from {
        sql.push(" AND validated_at >= ");
        sql.push_bind(moment);
    }
}

fn push_facets(sql: &mut Statement, criteria: &Criteria, groups: Option<&Value>) {
    push_nothing(sql);
    for facet in &criteria.facets {
        sql.push(" UNION ALL ");
        let is_filtered = criteria
            .any_of
            .iter()
            .any(|(filtered, _)| filtered == facet);
        push_facet(sql, *facet, |sql| {
            if is_filtered {
                sql.push(" AS value FROM search.profile_index WHERE ");
                sql.push(VALIDATED);
                push_conditions(sql, criteria, groups, Some(*facet));
            } else {
                sql.push(" AS value FROM matched");
            }
        });
    }
}

/// No facets at all, with the columns of one.
fn push_nothing(sql: &mut Statement) {
    sql.push("SELECT NULL::text AS facet, NULL::text AS value, 0::bigint AS count WHERE false");
}

/// The most frequent values of a facet; `source` says whose.
fn push_facet(sql: &mut Statement, facet: Facet, source: impl FnOnce(&mut Statement)) {
    sql.push("(SELECT ");
    sql.push_bind(facet.as_str());
    sql.push("::text AS facet, value, count(*) AS count FROM (SELECT ");
    sql.push(value_of(facet));
    source(sql);
    sql.push(
        ") AS held WHERE value IS NOT NULL GROUP BY value ORDER BY count(*) DESC, value LIMIT ",
    );
    sql.push_bind(MOST_VALUES);
    sql.push(")");
}

/// The values that a person has of a facet, a row each.
const fn value_of(facet: Facet) -> &'static str {
    match facet {
        Facet::Skills => "unnest(skills)",
        Facet::Sectors => "sector",
        Facet::Occupations => "occupation",
        Facet::Countries => "country",
        Facet::Locations => "unnest(locations)",
        Facet::ContractTypes => "unnest(contract_types)",
        Facet::Availability => "availability",
        Facet::EducationLevels => "unnest(education_levels)",
        Facet::Languages => "unnest(languages)",
    }
}
