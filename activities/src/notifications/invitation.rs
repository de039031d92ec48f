//! The iCalendar object of an interview.

use chrono::Duration;
use icalendar::{
    Alarm, Attendee, Calendar, Component, Event, EventLike, EventStatus, PartStat, Role,
};
use store::notifications::{InterviewFacts, Letter};
use workflows::identity::rules::Locale;
use workflows::notifications::Template;

use super::words::{interview_mode, one_line};
use crate::clients::mail::Invitation;

/// How long before it a calendar reminds of an interview.
const ALARM: Duration = Duration::minutes(15);

/// The invitation that goes with a letter: asked for by an interview that is scheduled or moved,
/// taken back by one that is cancelled. `platform` is the address that people see.
pub(super) fn invitation(letter: &Letter, organizer: &str, platform: &str) -> Option<Invitation> {
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
    let mut event = event(letter, interview, organizer, method);
    event.url(&address(interview, platform));
    if method == "REQUEST" {
        event.alarm(Alarm::display(&summary(letter, interview), -ALARM));
    }
    calendar.push(event.done());
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
        .description(&description(letter, interview))
        .location(&format!("{mode}: {place}"))
        .status(status)
        .add_property("ORGANIZER", format!("mailto:{organizer}"))
        .attendee(
            // Nobody reads answers to this address: none is asked for.
            Attendee::new(format!("mailto:{}", letter.email))
                .role(Role::ReqParticipant)
                .partstat(PartStat::NeedsAction)
                .rsvp(false),
        )
        .done()
}

/// Where a click leads: into the meeting when it has an address, else to the platform.
fn address(interview: &InterviewFacts, platform: &str) -> String {
    let place = one_line(&interview.place);
    let is_address = place.starts_with("https://") && !place.contains(' ');
    if is_address {
        place
    } else {
        platform.to_owned()
    }
}

/// What the calendar shows below the title: how, where and for how long, and that no answer is read.
fn description(letter: &Letter, interview: &InterviewFacts) -> String {
    let mode = interview_mode(&interview.mode, letter.locale);
    let place = one_line(&interview.place);
    let minutes = interview.duration_minutes;
    match letter.locale {
        Locale::French => format!(
            "{mode} : {place}\nDurée : {minutes} minutes\n\nLes réponses à cette invitation ne sont \
             pas lues. En cas d’empêchement, prévenez depuis votre espace Yemma."
        ),
        Locale::English => format!(
            "{mode}: {place}\nLength: {minutes} minutes\n\nAnswers to this invitation are not read. \
             If you cannot come, tell us from your Yemma account."
        ),
    }
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

    const ORGANIZER: &str = "no-reply@yemma.test";
    const PLATFORM: &str = "https://yemma.test";

    fn invite(letter: &Letter) -> Invitation {
        invitation(letter, ORGANIZER, PLATFORM).expect("an invitation")
    }

    /// The lines as a calendar reads them: long ones are folded.
    fn lines(invitation: &Invitation) -> Vec<String> {
        let unfolded = invitation.calendar.replace("\r\n ", "");
        unfolded.lines().map(str::to_owned).collect()
    }

    fn line(invitation: &Invitation, name: &str) -> Option<String> {
        lines(invitation)
            .into_iter()
            .find(|line| line.starts_with(name))
    }

    #[test]
    fn every_version_is_about_one_meeting_and_numbered() {
        let scheduled = invite(&letter(Template::InterviewScheduled));
        let version = |template, sequence| {
            let mut letter = letter(template);
            if let Some(interview) = &mut letter.facts.interview {
                interview.sequence = sequence;
            }
            invite(&letter)
        };
        let changed = version(Template::InterviewChangedReviewer, 1);
        let cancelled = version(Template::InterviewCancelled, 2);
        for (sequence, (invitation, method, status)) in [
            (&scheduled, "REQUEST", "CONFIRMED"),
            (&changed, "REQUEST", "CONFIRMED"),
            (&cancelled, "CANCEL", "CANCELLED"),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(invitation.method, method);
            let found = lines(invitation);
            for expected in [
                format!("METHOD:{method}"),
                format!("STATUS:{status}"),
                format!("SEQUENCE:{sequence}"),
            ] {
                assert!(found.contains(&expected), "{expected}: {found:?}");
            }
            assert_eq!(line(invitation, "UID"), line(&scheduled, "UID"));
            let is_request = method == "REQUEST";
            assert_eq!(found.contains(&"BEGIN:VALARM".to_owned()), is_request);
        }
    }

    #[test]
    fn it_asks_for_no_answer_says_what_it_is_about_and_reminds() {
        let mut scheduled = letter(Template::InterviewScheduled);
        let facts = scheduled.facts.interview.as_mut().expect("an interview");
        facts.place = "https://meet.example.org/abc".to_owned();
        let invitation = invite(&scheduled);
        let attendee = line(&invitation, "ATTENDEE").expect("an attendee");
        assert!(attendee.contains("RSVP=FALSE"), "{attendee}");
        let description = line(&invitation, "DESCRIPTION").expect("a description");
        assert!(description.contains("45 minutes"), "{description}");
        let url = line(&invitation, "URL").expect("an address");
        assert_eq!(url, "URL:https://meet.example.org/abc");
        assert_eq!(
            line(&invitation, "TRIGGER"),
            Some("TRIGGER:-PT900S".to_owned())
        );
        facts_on_site(&mut scheduled);
        let url = line(&invite(&scheduled), "URL");
        assert_eq!(url, Some(format!("URL:{PLATFORM}")));
    }

    fn facts_on_site(letter: &mut Letter) {
        if let Some(interview) = &mut letter.facts.interview {
            interview.place = "12 rue du Port, Dakar".to_owned();
        }
    }

    #[test]
    fn a_place_adds_no_line_to_the_calendar() {
        let mut scheduled = letter(Template::InterviewScheduled);
        if let Some(interview) = &mut scheduled.facts.interview {
            interview.place = "Salle 1\r\nATTENDEE:mailto:x@y.z; étage, 2".to_owned();
        }
        let invitation = invite(&scheduled);
        let attendees = lines(&invitation)
            .into_iter()
            .filter(|line| line.starts_with("ATTENDEE"))
            .count();
        assert_eq!(attendees, 1, "{}", invitation.calendar);
    }

    #[test]
    fn other_letters_invite_to_nothing() {
        let validated = letter(Template::ProfileValidated);
        assert!(invitation(&validated, ORGANIZER, PLATFORM).is_none());
    }
}
