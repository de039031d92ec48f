//! Codes of profiles: their edits and their submission.

use super::codes;

codes! {
    PROFILE_LOCKED CONFLICT "profile_locked" "Ce profil ne peut pas être modifié dans son état actuel." "This profile cannot be edited in its current status.";
    STEP_NOT_OPEN CONFLICT "step_not_open" "Aucune correction n'est demandée pour cette étape." "No correction was requested for this step.";
    STEP_VERIFIED CONFLICT "step_verified" "Cette étape a été vérifiée et ne peut pas encore être modifiée." "This step was verified and cannot be edited yet.";
    ALREADY_SUBMITTED CONFLICT "already_submitted" "Ce profil est déjà soumis." "This profile was already submitted.";
    ALREADY_VALIDATED CONFLICT "already_validated" "Ce profil est déjà validé." "This profile was already validated.";
    RESUBMISSION_NOT_OPEN CONFLICT "resubmission_not_open" "Ce profil a été refusé ; il pourra être repris à partir du {resubmission_open_at}." "This profile was rejected; it can be taken up again from {resubmission_open_at}.";
    PROFILE_ARCHIVED CONFLICT "profile_archived" "Ce profil est archivé." "This profile is archived.";
    NOT_REJECTED CONFLICT "not_rejected" "Ce profil n'est pas refusé." "This profile is not rejected.";
    COMMAND_IN_PROGRESS CONFLICT "command_in_progress" "Une autre action est en cours sur ce profil." "Another action on this profile is in progress.";
    PROFILE_NOT_FOUND NOT_FOUND "profile_not_found" "Ce profil n'existe pas." "This profile does not exist.";
    PROFILE_INCOMPLETE UNPROCESSABLE_ENTITY "profile_incomplete" "Le profil n'est pas complet." "The profile is not complete.";
}
