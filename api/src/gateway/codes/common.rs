//! Codes that any operation may answer.

use super::codes;

codes! {
    // Whole answers.
    MALFORMED BAD_REQUEST "malformed_request" "La requête est mal formée." "The request is malformed.";
    INVALID_JSON BAD_REQUEST "invalid_json" "Le corps de la requête n'est pas du JSON valide." "The request body is not valid JSON.";
    UNAUTHENTICATED UNAUTHORIZED "unauthenticated" "Connectez-vous pour continuer." "Sign in to continue.";
    FORBIDDEN FORBIDDEN "forbidden" "Votre compte ne permet pas cette action." "Your account does not allow this.";
    NOT_FOUND NOT_FOUND "not_found" "Cette ressource n'existe pas." "This resource does not exist.";
    METHOD_NOT_ALLOWED METHOD_NOT_ALLOWED "method_not_allowed" "Cette méthode n'est pas admise ici." "This method is not allowed here.";
    NOT_ACCEPTABLE NOT_ACCEPTABLE "not_acceptable" "Cette représentation n'est pas disponible." "This representation is not available.";
    REQUEST_TIMEOUT REQUEST_TIMEOUT "request_timeout" "La requête n'est pas arrivée à temps." "The request did not arrive in time.";
    CONFLICT CONFLICT "conflict" "L'état actuel ne permet pas cette action." "The current state does not allow this.";
    REQUEST_IN_PROGRESS CONFLICT "request_in_progress" "La même requête est déjà en cours." "The same request is already in progress.";
    CHANGED_MEANWHILE CONFLICT "changed_meanwhile" "Les données ont changé entre-temps ; relisez-les." "The data changed meanwhile; read it again.";
    PRECONDITION_FAILED PRECONDITION_FAILED "stale_version" "Le profil a changé depuis votre lecture." "The profile changed since you read it.";
    TOO_LARGE PAYLOAD_TOO_LARGE "payload_too_large" "Le contenu envoyé est trop volumineux." "The content sent is too large.";
    UNSUPPORTED_MEDIA_TYPE UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "Ce type de contenu n'est pas accepté." "This content type is not accepted.";
    UNSUPPORTED_CONTENT_ENCODING UNSUPPORTED_MEDIA_TYPE "unsupported_content_encoding" "Envoyez le contenu sans compression." "Send the content without compression.";
    INVALID UNPROCESSABLE_ENTITY "invalid_input" "Certaines valeurs ne sont pas valides." "Some values are not valid.";
    IDEMPOTENCY_KEY_REUSED UNPROCESSABLE_ENTITY "idempotency_key_reused" "Cette clé d'idempotence a déjà servi à une autre requête." "This idempotency key was already used for another request.";
    IDEMPOTENCY_KEY_INVALID BAD_REQUEST "idempotency_key_invalid" "La clé d'idempotence doit compter 1 à 255 caractères ASCII visibles." "The idempotency key must be 1 to 255 visible ASCII characters.";
    PRECONDITION_REQUIRED PRECONDITION_REQUIRED "if_match_required" "L'en-tête If-Match est requis." "The If-Match header is required.";
    RATE_LIMITED TOO_MANY_REQUESTS "rate_limited" "Trop de requêtes ; réessayez plus tard." "Too many requests; try again later.";
    INTERNAL INTERNAL_SERVER_ERROR "internal_error" "Une erreur inattendue est survenue." "An unexpected error occurred.";
    UNAVAILABLE SERVICE_UNAVAILABLE "service_unavailable" "Un service nécessaire est indisponible ; réessayez bientôt." "A required service is unavailable; try again shortly.";

    // Single fields; the rest are `workflows::fields::FieldCode`, which brings its own words.
    INVALID_VALUE UNPROCESSABLE_ENTITY "invalid_value" "Cette valeur n'est pas valide." "This value is not valid.";
    INVALID_CURSOR UNPROCESSABLE_ENTITY "invalid_cursor" "Ce curseur n'est pas valide." "This cursor is not valid.";
}
