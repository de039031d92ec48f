//! The zone in which a person is told times: that of the profile's country, until a person can choose
//! one, else the platform's.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Offset as _, Utc};
use chrono_tz::{OffsetName as _, Tz};
use workflows::reference;

/// A time zone of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

/// No zone of the IANA database has that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone of the IANA database, such as Europe/Paris")]
pub struct UnknownZone;

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        name.parse().map(Self).map_err(|_| UnknownZone)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl Zone {
    /// The zone of a country (ISO 3166-1 alpha-2), of several the one in which most people live;
    /// this one for a country that is not known or has none.
    #[must_use]
    pub fn of_country(self, country: Option<&str>) -> Self {
        country
            .and_then(reference::time_zone)
            .and_then(|name| name.parse().ok())
            .unwrap_or(self)
    }

    /// That moment on the clocks of the zone.
    pub(super) fn local(self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.0)
    }
}

/// The zone of a local time as people read it, such as `Africa/Abidjan, UTC+0`: the name tells
/// which clocks are meant, the difference what they say.
pub(super) fn named(at: &DateTime<Tz>) -> String {
    let minutes = at.offset().fix().local_minus_utc() / 60;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let name = at.offset().tz_id();
    if minutes == 0 {
        format!("{name}, UTC{hours:+}")
    } else {
        format!("{name}, UTC{hours:+}:{:02}", minutes.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn every_country_of_the_list_has_a_zone_that_is_known() {
        let paris: Zone = "Europe/Paris".parse().expect("a zone");
        let countries = reference::lookup("countries").expect("the list");
        // Nobody lives on Bouvet and Heard Islands; the database names no clock there.
        for country in countries
            .iter()
            .filter(|it| !["BV", "HM"].contains(&&*it.code))
        {
            let name = reference::time_zone(&country.code);
            let name = name.unwrap_or_else(|| panic!("{} has no zone", country.code));
            assert!(name.parse::<Zone>().is_ok(), "{name}");
        }
        assert_eq!(paris.of_country(None), paris);
        assert_eq!(paris.of_country(Some("HM")), paris);
        assert_eq!(paris.of_country(Some("SN")).to_string(), "Africa/Dakar");
    }

    #[test]
    fn a_zone_is_told_with_its_difference_in_summer_and_in_winter() {
        let named = |zone: &str, text: &str| {
            let zone: Zone = zone.parse().expect("a zone");
            named(&zone.local(at(text)))
        };
        let (winter, summer) = ("2026-11-24T14:30:00Z", "2026-07-01T14:30:00Z");
        assert_eq!(named("Africa/Abidjan", winter), "Africa/Abidjan, UTC+0");
        assert_eq!(named("Europe/Paris", winter), "Europe/Paris, UTC+1");
        assert_eq!(named("Europe/Paris", summer), "Europe/Paris, UTC+2");
        assert_eq!(named("Asia/Kolkata", winter), "Asia/Kolkata, UTC+5:30");
        assert_eq!(
            named("America/St_Johns", winter),
            "America/St_Johns, UTC-3:30"
        );
    }

    #[test]
    fn a_name_that_no_zone_has_is_refused() {
        assert_eq!("Paris".parse::<Zone>(), Err(UnknownZone));
    }
}
