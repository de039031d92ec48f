//! The iCalendar object of an interview.

use chrono::Duration;
use icalendar::{Attendee, Calendar, Component, Event, EventLike, EventStatus, PartStat, Role};
use store::notifications::{InterviewFacts, Letter};
use workflows::identity::rules::Locale;
use workflows::notifications::Template;

use super::words::{interview_mode, one_line};
use crate::clients::mail::Invitation;

/// The invitation that goes with a letter: asked for by an interview that is scheduled or moved,
/// taken back by one that is cancelled.
pub(super) fn invitation(letter: &Letter, organizer: &str) -> Option<Invitation> {
    let method = match letter.template {
        Template::InterviewScheduled
        | Template::InterviewScheduledReviewer
        | Template::InterviewChanged
        | Template::InterviewChangedReviewer => "REQUEST",
        Template::InterviewCancelled | Template::InterviewCancelledReviewer => "CANCEL",
        _ => return None,
    };
    let interview = letter.facts.interview.as_ref()?;
    let mut calendar = Calendar::new();
    calendar.append_property(("METHOD", method));
    calendar.push(event(letter, interview, organizer, method));
    Some(Invitation {
        method,
        calendar: calendar.to_string(),
    })
}

fn event(letter: &Letter, interview: &InterviewFacts, organizer: &str, method: &str) -> Event {
    let minutes = i64::from(interview.duration_minutes);
    let mode = interview_mode(&interview.mode, letter.locale);
    let place = one_line(&interview.place);
    let status = if method == "CANCEL" {
        EventStatus::Cancelled
    } else {
        EventStatus::Confirmed
    };
    Event::new()
        .uid(&uid(interview, organizer))
        .sequence(u32::try_from(interview.sequence).unwrap_or_default())
        .timestamp(letter.occurred_at)
        .starts(interview.starts_at)
        .ends(interview.starts_at + Duration::minutes(minutes))
        .summary(&summary(letter, interview))
        .location(&format!("{mode}: {place}"))
        .status(status)
        .add_property("ORGANIZER", format!("mailto:{organizer}"))
        .attendee(
            Attendee::new(format!("mailto:{}", letter.email))
                .role(Role::ReqParticipant)
                .partstat(PartStat::NeedsAction)
                .rsvp(true),
        )
        .done()
}

/// The same for every version of one interview, so that a calendar replaces what it has.
fn uid(interview: &InterviewFacts, organizer: &str) -> String {
    let domain = organizer.rsplit('@').next().unwrap_or_default();
    format!("interview-{}@{domain}", interview.id)
}

fn summary(letter: &Letter, interview: &InterviewFacts) -> String {
    let candidate = one_line(&interview.candidate);
    let is_reviewer = letter.template.as_str().ends_with("_reviewer");
    match (letter.locale, is_reviewer) {
        (Locale::French, false) => "Entretien Yemma".to_owned(),
        (Locale::English, false) => "Yemma interview".to_owned(),
        (Locale::French, true) => format!("Entretien Yemma : {candidate}"),
        (Locale::English, true) => format!("Yemma interview: {candidate}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rendering::tests::letter;
    use super::*;

    #[test]
    fn a_request_and_its_cancellation_are_about_one_meeting() {
        let request = invitation(&letter(Template::InterviewScheduled), "no-reply@yemma.test")
            .expect("an invitation");
        let mut cancelled = letter(Template::InterviewCancelled);
        if let Some(interview) = &mut cancelled.facts.interview {
            interview.sequence = 2;
        }
        let cancel = invitation(&cancelled, "no-reply@yemma.test").expect("an invitation");
        let line = |text: &str, name: &str| {
            text.lines()
                .find(|line| line.starts_with(name))
                .map(str::to_owned)
        };
        assert!(request.calendar.contains("METHOD:REQUEST"));
        assert!(cancel.calendar.contains("METHOD:CANCEL"));
        assert!(cancel.calendar.contains("STATUS:CANCELLED"));
        assert_eq!(
            line(&request.calendar, "UID"),
            line(&cancel.calendar, "UID")
        );
        assert_eq!(
            line(&request.calendar, "SEQUENCE"),
            Some("SEQUENCE:0".to_owned())
        );
        assert_eq!(
            line(&cancel.calendar, "SEQUENCE"),
            Some("SEQUENCE:2".to_owned())
        );
    }

    #[test]
    fn a_place_adds_no_line_to_the_calendar() {
        let mut scheduled = letter(Template::InterviewScheduled);
        if let Some(interview) = &mut scheduled.facts.interview {
            interview.place = "Salle 1\r\nATTENDEE:mailto:x@y.z; étage, 2".to_owned();
        }
        let invitation = invitation(&scheduled, "no-reply@yemma.test").expect("an invitation");
        let attendees = invitation
            .calendar
            .lines()
            .filter(|line| line.starts_with("ATTENDEE"))
            .count();
        assert_eq!(attendees, 1, "{}", invitation.calendar);
    }

    #[test]
    fn other_letters_invite_to_nothing() {
        assert!(invitation(&letter(Template::ProfileValidated), "a@b.c").is_none());
    }
}
