//! Who is old enough to be a candidate.

use chrono::NaiveDate;

use crate::fields::{FieldCode, formats};

/// The youngest candidate.
pub const MINIMUM_AGE: u32 = 16;

/// A date of birth of somebody who may be a candidate today.
pub(super) fn birth_date(value: &str, today: NaiveDate) -> Result<NaiveDate, FieldCode> {
    let born = formats::date(value)?;
    if is_old_enough(born, today) {
        Ok(born)
    } else {
        Err(FieldCode::UnderAge)
    }
}

/// Whether somebody born that day is 16 or older today.
pub(super) fn is_old_enough(born: NaiveDate, today: NaiveDate) -> bool {
    today
        .years_since(born)
        .is_some_and(|years| years >= MINIMUM_AGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_is_reached_on_the_birthday() {
        let today = "2026-11-24".parse().unwrap();
        assert!(birth_date("2010-11-24", today).is_ok());
        assert_eq!(birth_date("2010-11-25", today), Err(FieldCode::UnderAge));
        assert_eq!(birth_date("2031-01-01", today), Err(FieldCode::UnderAge));
    }
}
