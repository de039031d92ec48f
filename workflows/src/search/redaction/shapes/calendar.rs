//! Runs of digits that are years and days.

/// A group of digits and what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group<'a> {
    pub(super) digits: &'a str,
    pub(super) before: &'a str,
}

/// Whether groups that belong together are years, months and days, with one small figure at most:
/// "2015 - 2020", "01/2019 – 06/2021", "2021, 150".
pub(super) fn is_calendar(groups: &[Group<'_>]) -> bool {
    let mut years: Vec<u32> = Vec::new();
    let (mut days, mut others) = (0, Vec::new());
    let mut rest = groups;
    while !rest.is_empty() {
        if let Some((year, taken)) = day(rest).or_else(|| month(rest)).or_else(|| year(rest)) {
            days += usize::from(taken > 2 || day(rest).is_some());
            years.push(year);
            rest = &rest[taken..];
        } else {
            others.push(&rest[0]);
            rest = &rest[1..];
        }
    }
    let ascending = years.is_sorted();
    let parted = groups
        .iter()
        .skip(1)
        .all(|group| !group.before.trim().is_empty());
    match others.as_slice() {
        [] => ascending && parted,
        [figure] => {
            let is_small = figure.digits.len() <= 3 && !figure.digits.starts_with('0');
            ascending && parted && is_small && days == 0 && !years.is_empty()
        }
        _ => false,
    }
}

/// "2019", also the school year "2019-20".
fn year(groups: &[Group<'_>]) -> Option<(u32, usize)> {
    let year = as_year(groups.first()?)?;
    let following = groups.get(1).filter(|next| {
        matches!(next.before, "-" | "/" | "–") && number(next, 2) == Some((year + 1) % 100)
    });
    Some((year, 1 + usize::from(following.is_some())))
}

/// "06/2021" and "2021-06".
fn month(groups: &[Group<'_>]) -> Option<(u32, usize)> {
    let [first, second, ..] = groups else {
        return None;
    };
    let is_month = |group| number(group, 2).is_some_and(|month| (1..=12).contains(&month));
    if !is_mark(second.before) {
        return None;
    }
    match (as_year(first), as_year(second)) {
        (None, Some(year)) if is_month(first) => Some((year, 2)),
        (Some(year), None) if is_month(second) && second.digits.len() == 2 => Some((year, 2)),
        _ => None,
    }
}

/// "12/03/2021" and "2021-03-12".
fn day(groups: &[Group<'_>]) -> Option<(u32, usize)> {
    let [first, second, third, ..] = groups else {
        return None;
    };
    if !is_mark(second.before) || second.before != third.before {
        return None;
    }
    let within = |group, last| number(group, 2).is_some_and(|n| (1..=last).contains(&n));
    let is_day_and_month = within(second, 12) || (within(first, 12) && within(second, 31));
    if !is_day_and_month {
        return None;
    }
    match (as_year(first), as_year(third)) {
        (None, Some(year)) if within(first, 31) => Some((year, 3)),
        (Some(year), None) if within(third, 31) => Some((year, 3)),
        _ => None,
    }
}

fn is_mark(before: &str) -> bool {
    matches!(before, "/" | "-" | ".")
}

fn number(group: &Group<'_>, longest: usize) -> Option<u32> {
    (group.digits.len() <= longest)
        .then(|| group.digits.parse().ok())
        .flatten()
}

/// A year that a life may hold.
pub(super) fn as_year(group: &Group<'_>) -> Option<u32> {
    let year = (group.digits.len() == 4)
        .then(|| group.digits.parse().ok())
        .flatten()?;
    (1900..2100).contains(&year).then_some(year)
}
