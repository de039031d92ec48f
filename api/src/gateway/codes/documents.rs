//! Codes of uploads and of reading documents.

use super::codes;

codes! {
    DOCUMENT_NOT_AVAILABLE CONFLICT "document_not_available" "Ce document n'est pas consultable." "This document cannot be read.";
    PAGE_NOT_DRAWN NOT_FOUND "page_not_drawn" "Cette page n'a pas d'aperçu : ouvrez le document lui-même." "This page has no preview: open the document itself.";
    DOCUMENTS_LOCKED CONFLICT "documents_locked" "Les documents de ce profil ne peuvent pas changer en ce moment." "The documents of this profile cannot change now.";
    DOCUMENTS_NOT_IN_PLAN FORBIDDEN "documents_not_in_plan" "Votre formule ne comprend pas les documents." "Your plan does not include documents.";
    LINK_INVALID FORBIDDEN "link_invalid" "Ce lien n'est pas valide ou a expiré." "This link is not valid or has expired.";
    EMPTY_FILE UNPROCESSABLE_ENTITY "empty_file" "Le fichier est vide." "The file is empty.";
    FIELD_AFTER_FILE UNPROCESSABLE_ENTITY "field_after_file" "Les champs doivent précéder le fichier." "The fields must come before the file.";
    REPEATED_FIELD UNPROCESSABLE_ENTITY "repeated_field" "Ce champ est donné deux fois." "This field is given twice.";
    ONE_ITEM_ONLY UNPROCESSABLE_ENTITY "one_item_only" "Un document ne se rattache qu'à un seul élément." "A document belongs to one item at most.";
    NOT_IN_PROFILE UNPROCESSABLE_ENTITY "not_in_profile" "Cet élément ne fait pas partie de votre profil." "This item is not part of your profile.";
}
