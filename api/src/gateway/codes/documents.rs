//! Codes of uploads and of reading documents.

use super::codes;

codes! {
    DOCUMENT_NOT_AVAILABLE CONFLICT "document_not_available" "Ce document n'est pas consultable." "This document cannot be read.";
    PAGE_NOT_DRAWN NOT_FOUND "page_not_drawn" "Cette page n'a pas d'aperçu : ouvrez le document lui-même." "This page has no preview: open the document itself.";
    DOCUMENTS_LOCKED CONFLICT "documents_locked" "Les documents de ce profil ne peuvent pas changer en ce moment." "The documents of this profile cannot change now.";
    DOCUMENTS_NOT_IN_PLAN FORBIDDEN "documents_not_in_plan" "Votre formule ne comprend pas les documents." "Your plan does not include documents.";
    LINK_INVALID FORBIDDEN "link_invalid" "Ce lien n'est pas valide ou a expiré." "This link is not valid or has expired.";
    FIELD_AFTER_FILE UNPROCESSABLE_ENTITY "field_after_file" "Les champs doivent précéder le fichier." "The fields must come before the file.";
    REPEATED_FIELD UNPROCESSABLE_ENTITY "repeated_field" "Ce champ est donné deux fois." "This field is given twice.";
    ONE_ITEM_ONLY UNPROCESSABLE_ENTITY "one_item_only" "Un document ne se rattache qu'à un seul élément." "A document belongs to one item at most.";
    NOT_IN_PROFILE UNPROCESSABLE_ENTITY "not_in_profile" "Cet élément ne fait pas partie de votre profil." "This item is not part of your profile.";

    // Files that are refused as they come: `{file_name}` is the file's, and each says what to do.
    EMPTY_FILE UNPROCESSABLE_ENTITY "empty_file" "« {file_name} » est vide (0 octet). Vérifiez que le fichier s'ouvre sur votre appareil, puis renvoyez-le." "“{file_name}” is empty (0 bytes). Check that the file opens on your device, then upload it again.";
    UNSUPPORTED_FILE UNSUPPORTED_MEDIA_TYPE "unsupported_file" "« {file_name} » n'est ni un PDF, ni un JPEG, ni un PNG. Exportez le document en PDF, ou l'image en JPEG ou PNG, puis renvoyez-le." "“{file_name}” is neither PDF nor JPEG nor PNG. Export the document as PDF, or the picture as JPEG or PNG, then upload it again.";
    HEIC_PHOTOGRAPH UNSUPPORTED_MEDIA_TYPE "heic_photograph" "« {file_name} » est une photo HEIC ; seuls PDF, JPEG et PNG sont acceptés. Sur iPhone, choisissez Réglages › Appareil photo › Formats › Le plus compatible et reprenez la photo, ou partagez-la en JPEG, puis renvoyez-la." "“{file_name}” is a HEIC photograph; only PDF, JPEG and PNG are accepted. On an iPhone choose Settings › Camera › Formats › Most Compatible and take it again, or share it as JPEG, then upload it.";
    FILE_TOO_LARGE PAYLOAD_TOO_LARGE "file_too_large" "« {file_name} » dépasse {limit_mb} Mo. Réduisez l'image, compressez le PDF ou partagez-le en plusieurs fichiers, puis renvoyez-le." "“{file_name}” is larger than {limit_mb} MB. Make the picture smaller, compress the PDF or split it into several files, then upload it again.";

    // Uploads that are refused whatever the file is.
    TOO_MANY_SCANNING CONFLICT "too_many_scanning" "{limit} de vos documents sont déjà en cours de vérification. Attendez que l'un d'eux soit vérifié, puis renvoyez ce fichier." "{limit} of your documents are already being checked. Wait until one of them is done, then upload this file again.";
    TOO_MANY_DOCUMENTS UNPROCESSABLE_ENTITY "too_many_documents" "Vous gardez déjà {limit} documents, le maximum. Archivez-en un, puis renvoyez ce fichier." "You already keep {limit} documents, the most there may be. Archive one, then upload this file again.";
    DAILY_VOLUME_REACHED TOO_MANY_REQUESTS "daily_volume_reached" "Vous avez envoyé {sent_mb} Mo aujourd'hui, et {limit_mb} Mo par jour sont acceptés. Renvoyez ce fichier après minuit (UTC), ou réduisez-le." "You have sent {sent_mb} MB today, and {limit_mb} MB a day are accepted. Upload this file after midnight (UTC), or make it smaller.";
    TOO_MANY_UPLOADS TOO_MANY_REQUESTS "too_many_uploads" "{limit} de vos envois sont déjà en cours. Attendez que l'un d'eux se termine, puis renvoyez ce fichier." "{limit} of your uploads are already on their way. Wait until one of them ends, then upload this file again.";
    UPLOAD_TOO_SLOW REQUEST_TIMEOUT "upload_too_slow" "L'envoi est trop lent : il faut au moins {minimum_kib} Kio/s, et {minutes} minutes au plus en tout. Réessayez avec une meilleure connexion, ou réduisez le fichier." "The upload is too slow: at least {minimum_kib} KiB/s are needed, and {minutes} minutes at most in all. Try again on a better connection, or make the file smaller.";
    UPLOADS_FULL SERVICE_UNAVAILABLE "uploads_full" "Trop de fichiers arrivent en même temps. Renvoyez ce fichier dans un instant." "Too many files arrive at the same time. Upload this file again in a moment.";
}
