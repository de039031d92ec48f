//! The short texts of the in-app feed, in both languages.
//!
//! They hold nothing that a person wrote but the name of their own file: what needs more than that
//! is in the mail or on the page that the notification leads to.

use std::borrow::Cow;

use serde_json::Value;

use super::Template;
use crate::documents::rules::{Rejection, RejectionCode, infection_words, rejection_words};
use crate::identity::rules::Locale;

/// One line of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortText {
    /// What happened, in a few words.
    pub title: &'static str,
    /// A few sentences.
    pub body: Cow<'static, str>,
}

/// The document that a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentTold<'a> {
    /// Its name.
    pub file_name: &'a str,
    /// Why it was refused by its content.
    pub rejection: Option<Rejection>,
}

/// The text of a notification; `params` are the ids and codes it was made with, `document` the
/// reader's own document that it is about.
#[must_use]
pub fn short_text(
    template: Template,
    locale: Locale,
    params: &Value,
    document: Option<DocumentTold<'_>>,
) -> ShortText {
    let (french, english) = texts(template, params);
    let (title, body) = locale.choose(french, english);
    let named = document.and_then(|document| of_document(template, locale, document));
    ShortText {
        title,
        body: named.map_or(Cow::Borrowed(body), Cow::Owned),
    }
}

/// The text about a document, with its name, why and what to do.
fn of_document(template: Template, locale: Locale, document: DocumentTold<'_>) -> Option<String> {
    let name = document.file_name;
    Some(match (template, locale) {
        (Template::DocumentRejected, _) => {
            let unknown = RejectionCode::Unreadable.into();
            let words = rejection_words(document.rejection.unwrap_or(unknown), locale);
            let (reason, what_to_do) = (words.reason, words.what_to_do);
            match locale {
                Locale::French => {
                    format!("« {name} » n’a pas pu être accepté : {reason}. {what_to_do}")
                }
                Locale::English => {
                    format!("“{name}” could not be accepted: {reason}. {what_to_do}")
                }
            }
        }
        (Template::DocumentInfected, _) => {
            let words = infection_words(locale);
            let (reason, what_to_do) = (words.reason, words.what_to_do);
            match locale {
                Locale::French => format!("« {name} » a été bloqué : {reason}. {what_to_do}"),
                Locale::English => format!("“{name}” has been blocked: {reason}. {what_to_do}"),
            }
        }
        (Template::ReminderScanDelayed, Locale::French) => format!(
            "La vérification de « {name} » prend plus de temps que prévu. Rien n’est perdu, et vous n’avez rien à faire."
        ),
        (Template::ReminderScanDelayed, Locale::English) => format!(
            "The check of “{name}” takes longer than expected. Nothing is lost, and there is nothing to do."
        ),
        _ => return None,
    })
}

type Pair = (&'static str, &'static str);

fn texts(template: Template, params: &Value) -> (Pair, Pair) {
    match template {
        Template::EmailVerification
        | Template::RegistrationAttempted
        | Template::PasswordChanged
        | Template::SessionRevoked
        | Template::CompanyWelcome => account(template),
        Template::ReminderOnboarding
        | Template::ProfileSubmitted
        | Template::ProfileResubmitted
        | Template::ReminderResubmissionOpen => profile(template),
        Template::ProfileValidated | Template::ProfileRejected => verdict(template),
        Template::DocumentInfected
        | Template::DocumentRejected
        | Template::DocumentRequested
        | Template::ReminderScanDelayed => document(template),
        Template::CorrectionRequested
        | Template::ReminderCorrection
        | Template::CaseLapsed
        | Template::CaseLapsedReviewer
        | Template::ReminderClaimExpired => case(template),
        Template::CaseEscalated | Template::CaseBreached => late(template),
        Template::InterviewScheduled
        | Template::InterviewScheduledReviewer
        | Template::InterviewChanged
        | Template::InterviewChangedReviewer
        | Template::InterviewCancelled
        | Template::InterviewCancelledReviewer
        | Template::InterviewCompleted
        | Template::ReminderInterview
        | Template::ReminderInterviewReviewer => interview(template, params),
    }
}

fn account(template: Template) -> (Pair, Pair) {
    match template {
        Template::RegistrationAttempted => (
            (
                "Tentative d’inscription",
                "Quelqu’un a voulu s’inscrire avec votre adresse. Votre compte n’a pas changé.",
            ),
            (
                "Registration attempt",
                "Somebody tried to register with your address. Your account has not changed.",
            ),
        ),
        Template::PasswordChanged => (
            (
                "Mot de passe modifié",
                "Le mot de passe de votre compte vient de changer.",
            ),
            (
                "Password changed",
                "The password of your account has just been changed.",
            ),
        ),
        Template::SessionRevoked => (
            (
                "Session fermée",
                "Une de vos sessions a été fermée : son jeton a servi deux fois. Reconnectez-vous et changez votre mot de passe.",
            ),
            (
                "Session ended",
                "One of your sessions was ended: its token was used twice. Log in again and change your password.",
            ),
        ),
        Template::CompanyWelcome => (
            (
                "Bienvenue sur Yemma",
                "Le compte de votre entreprise est prêt : vous pouvez chercher des profils vérifiés.",
            ),
            (
                "Welcome to Yemma",
                "Your company’s account is ready: you can search for vetted profiles.",
            ),
        ),
        _ => (
            (
                "Confirmez votre adresse",
                "Un lien de confirmation vous a été envoyé.",
            ),
            (
                "Confirm your address",
                "A confirmation link has been sent to you.",
            ),
        ),
    }
}

fn profile(template: Template) -> (Pair, Pair) {
    match template {
        Template::ProfileSubmitted => (
            (
                "Profil soumis",
                "Votre profil a été transmis à notre équipe, qui va l’examiner.",
            ),
            (
                "Profile submitted",
                "Your profile has been passed to our team, who will review it.",
            ),
        ),
        Template::ProfileResubmitted => (
            (
                "Corrections envoyées",
                "Vos corrections ont été transmises à la personne qui examine votre profil.",
            ),
            (
                "Corrections sent",
                "Your corrections have been passed to the person who reviews your profile.",
            ),
        ),
        Template::ReminderResubmissionOpen => (
            (
                "Vous pouvez soumettre à nouveau",
                "Votre profil est de nouveau ouvert : vous pouvez le compléter et le soumettre.",
            ),
            (
                "You can submit again",
                "Your profile is open again: you can complete and submit it.",
            ),
        ),
        _ => (
            (
                "Votre profil vous attend",
                "Votre profil n’est pas terminé. Reprenez là où vous en étiez.",
            ),
            (
                "Your profile is waiting",
                "Your profile is not finished. Pick up where you left off.",
            ),
        ),
    }
}

fn verdict(template: Template) -> (Pair, Pair) {
    match template {
        Template::ProfileValidated => (
            (
                "Profil validé",
                "Félicitations : votre profil est validé et visible des entreprises.",
            ),
            (
                "Profile validated",
                "Congratulations: your profile is validated and visible to companies.",
            ),
        ),
        _ => (
            (
                "Profil non retenu",
                "Votre profil n’a pas été retenu. Le motif vous a été envoyé par courriel.",
            ),
            (
                "Profile not accepted",
                "Your profile was not accepted. The reason has been mailed to you.",
            ),
        ),
    }
}

fn document(template: Template) -> (Pair, Pair) {
    match template {
        Template::DocumentInfected => (
            (
                "Document dangereux",
                "Un logiciel malveillant a été trouvé dans un document, qui a été bloqué.",
            ),
            (
                "Dangerous document",
                "Malware was found in a document, which has been blocked.",
            ),
        ),
        Template::DocumentRejected => (
            (
                "Document refusé",
                "Un document n’a pas pu être accepté. Envoyez-en un autre exemplaire.",
            ),
            (
                "Document refused",
                "A document could not be accepted. Please upload another copy.",
            ),
        ),
        Template::ReminderScanDelayed => (
            (
                "Vérification retardée",
                "La vérification d’un document prend plus de temps que prévu. Rien n’est perdu.",
            ),
            (
                "Check delayed",
                "The check of a document takes longer than expected. Nothing is lost.",
            ),
        ),
        _ => (
            ("Document demandé", "Un nouveau document vous est demandé."),
            ("Document requested", "A new document is requested."),
        ),
    }
}

fn case(template: Template) -> (Pair, Pair) {
    match template {
        Template::ReminderCorrection => (
            (
                "Corrections attendues",
                "Nous attendons toujours les corrections demandées sur votre profil.",
            ),
            (
                "Corrections awaited",
                "We are still waiting for the requested corrections to your profile.",
            ),
        ),
        Template::CaseLapsed => (
            (
                "Délai dépassé",
                "Les corrections ne sont pas arrivées à temps : votre profil est redevenu un brouillon.",
            ),
            (
                "Deadline passed",
                "The corrections did not come in time: your profile is a draft again.",
            ),
        ),
        Template::CaseLapsedReviewer => (
            (
                "Dossier clos",
                "Le candidat n’a pas répondu à temps : le dossier est clos.",
            ),
            (
                "Case closed",
                "The candidate did not answer in time: the case is closed.",
            ),
        ),
        Template::ReminderClaimExpired => (
            (
                "Dossier rendu à la file",
                "Un dossier que vous aviez pris est resté sans action et a été rendu à la file.",
            ),
            (
                "Case back in the queue",
                "A case that you had claimed was left untouched and went back to the queue.",
            ),
        ),
        _ => (
            (
                "Corrections demandées",
                "Des corrections sont demandées sur votre profil.",
            ),
            (
                "Corrections requested",
                "Corrections to your profile are requested.",
            ),
        ),
    }
}

fn late(template: Template) -> (Pair, Pair) {
    match template {
        Template::CaseEscalated => (
            (
                "Un dossier attend",
                "Un dossier attend depuis plus de 24 heures.",
            ),
            (
                "A case is waiting",
                "A case has been waiting for more than 24 hours.",
            ),
        ),
        _ => (
            (
                "Délai de 48 heures dépassé",
                "Un dossier attend depuis plus de 48 heures.",
            ),
            (
                "48-hour target missed",
                "A case has been waiting for more than 48 hours.",
            ),
        ),
    }
}

fn interview(template: Template, params: &Value) -> (Pair, Pair) {
    match template {
        Template::InterviewScheduled | Template::InterviewScheduledReviewer => (
            (
                "Entretien fixé",
                "Un entretien est fixé. L’invitation a été envoyée par courriel.",
            ),
            (
                "Interview scheduled",
                "An interview is scheduled. The invitation has been mailed.",
            ),
        ),
        Template::InterviewChanged | Template::InterviewChangedReviewer => (
            (
                "Entretien déplacé",
                "L’entretien a changé. La nouvelle invitation a été envoyée par courriel.",
            ),
            (
                "Interview changed",
                "The interview has changed. The new invitation has been mailed.",
            ),
        ),
        Template::InterviewCancelled | Template::InterviewCancelledReviewer => (
            ("Entretien annulé", "L’entretien prévu est annulé."),
            ("Interview cancelled", "The planned interview is cancelled."),
        ),
        Template::InterviewCompleted if params["outcome"] == "no_show" => (
            (
                "Entretien manqué",
                "L’entretien prévu n’a pas eu lieu : nous ne vous y avons pas vu.",
            ),
            (
                "Interview missed",
                "The planned interview did not take place: we did not see you there.",
            ),
        ),
        Template::InterviewCompleted => (
            (
                "Entretien terminé",
                "Merci pour cet entretien. La décision vous sera communiquée.",
            ),
            (
                "Interview completed",
                "Thank you for the interview. You will be told of the decision.",
            ),
        ),
        _ => (
            (
                "Entretien bientôt",
                "Un entretien approche : l’heure et le lieu sont dans l’invitation.",
            ),
            (
                "Interview soon",
                "An interview is near: time and place are in the invitation.",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;
    use crate::documents::rules::RejectionFigures;

    #[test]
    fn every_template_speaks_both_languages() {
        for template in Template::ALL {
            let french = short_text(*template, Locale::French, &json!({}), None);
            let english = short_text(*template, Locale::English, &json!({}), None);
            assert!(!french.title.is_empty() && !french.body.is_empty());
            assert_ne!(french.body, english.body, "{template}");
        }
    }

    #[test]
    fn no_template_of_the_feed_falls_through_to_anothers_text() {
        let titles: Vec<_> = Template::ALL
            .iter()
            .filter(|template| template.channels().feed)
            .filter(|template| !template.as_str().ends_with("_reviewer"))
            .map(|template| short_text(*template, Locale::English, &json!({}), None).title)
            .collect();
        let distinct: HashSet<_> = titles.iter().collect();
        assert_eq!(distinct.len(), titles.len(), "{titles:?}");
    }

    #[test]
    fn what_is_only_mailed_and_what_reviewers_read_have_words_of_their_own() {
        let body = |template| short_text(template, Locale::English, &json!({}), None).body;
        let account = [
            Template::EmailVerification,
            Template::RegistrationAttempted,
            Template::PasswordChanged,
            Template::SessionRevoked,
            Template::CompanyWelcome,
        ];
        let bodies: HashSet<_> = account.into_iter().map(body).collect();
        assert_eq!(bodies.len(), account.len());
        assert_ne!(
            body(Template::CaseLapsed),
            body(Template::CaseLapsedReviewer)
        );
    }

    #[test]
    fn a_refused_file_is_told_by_name_with_reason_figures_and_next_step() {
        for code in RejectionCode::ALL {
            for locale in [Locale::French, Locale::English] {
                let rejection = Rejection {
                    code: *code,
                    figures: Some(RejectionFigures {
                        found: 7_300_000,
                        limit: 6_400_000,
                        dimensions: None,
                    }),
                };
                let told = DocumentTold {
                    file_name: "CV M. Koné",
                    rejection: Some(rejection),
                };
                let template = Template::DocumentRejected;
                let body = short_text(template, locale, &json!({}), Some(told)).body;
                let words = rejection_words(rejection, locale);
                for part in ["CV M. Koné", &words.reason, words.what_to_do] {
                    assert!(body.contains(part), "{code}: {body}");
                }
                assert!(body.contains("73") || body.contains("7,3") || body.contains("7.3"));
            }
        }
        let told = DocumentTold {
            file_name: "cv.pdf",
            rejection: None,
        };
        for template in [Template::DocumentInfected, Template::ReminderScanDelayed] {
            let body = short_text(template, Locale::French, &json!({}), Some(told)).body;
            assert!(body.contains("cv.pdf"), "{body}");
        }
    }

    #[test]
    fn a_missed_interview_is_told_as_such() {
        let held = json!({"outcome": "done"});
        let held = short_text(Template::InterviewCompleted, Locale::English, &held, None);
        assert_ne!(held.title, "Interview missed");
        let missed = short_text(
            Template::InterviewCompleted,
            Locale::English,
            &json!({"outcome": "no_show"}),
            None,
        );
        assert_eq!(missed.title, "Interview missed");
    }
}
