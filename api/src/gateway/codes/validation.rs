//! Codes of the validation queue and its cases.

use super::codes;

codes! {
    ALREADY_CLAIMED CONFLICT "already_claimed" "Ce dossier est déjà pris en charge par {claimed_by_name}." "This case is already held by {claimed_by_name}.";
    NOT_CLAIMED CONFLICT "not_claimed" "Prenez d'abord ce dossier." "Claim this case first.";
    AWAITING_CANDIDATE CONFLICT "awaiting_candidate" "Ce dossier attend la réponse du candidat." "This case awaits the candidate's answer.";
    NOT_AWAITING_CANDIDATE CONFLICT "not_awaiting_candidate" "Aucune correction n'est attendue." "No correction is awaited.";
    ALREADY_DECIDED CONFLICT "already_decided" "Ce dossier est clos." "This case is closed.";
    DECISION_BLOCKED CONFLICT "decision_blocked" "Ce profil ne peut pas encore être validé." "This profile cannot be validated yet.";
    DOCUMENT_UNREVIEWED CONFLICT "document_unreviewed" "Ce document n'a pas été examiné." "This document was not reviewed.";
    INTERVIEW_NOT_DONE CONFLICT "interview_not_done" "Aucun entretien n'a eu lieu." "No interview took place.";
    ASSESSMENT_MISSING CONFLICT "assessment_missing" "La grille d'évaluation n'est pas complète." "The assessment grid is not complete.";
    INTERVIEW_NOT_STARTED CONFLICT "interview_not_started" "Cet entretien n'a pas encore commencé." "This interview has not begun yet.";
    INTERVIEW_NOT_SCHEDULED CONFLICT "interview_not_scheduled" "Cet entretien n'est plus prévu." "This interview is no longer scheduled.";
    NOTHING_TO_CORRECT CONFLICT "nothing_to_correct" "Nommez une étape, ou refusez d'abord un document." "Name a step, or refuse a document first.";
    PROFILE_MOVED CONFLICT "profile_moved" "Le profil a changé d'état entre-temps." "The profile's status changed meanwhile.";
    COMMAND_EXPIRED CONFLICT "command_expired" "Cette demande a expiré ; recommencez." "This request expired; make it again.";
    CASE_NOT_FOUND NOT_FOUND "case_not_found" "Ce dossier n'existe pas." "This case does not exist.";
    DOCUMENT_NOT_FOUND NOT_FOUND "document_not_found" "Ce document ne fait pas partie du dossier." "This document is not part of the case.";
}
