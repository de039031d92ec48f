//! Codes of registration, login and tokens.

use super::codes;

codes! {
    INVALID_CREDENTIALS UNAUTHORIZED "invalid_credentials" "L'adresse ou le mot de passe est incorrect." "The address or the password is wrong.";
    EMAIL_NOT_VERIFIED FORBIDDEN "email_not_verified" "Confirmez d'abord votre adresse électronique." "Confirm your email address first.";
    INVALID_TOKEN UNPROCESSABLE_ENTITY "invalid_token" "Ce lien n'est pas valide ou a expiré." "This link is not valid or has expired.";
    PASSWORD_REQUIRED UNPROCESSABLE_ENTITY "password_required" "Cette adresse a été inscrite plusieurs fois : donnez le mot de passe choisi lors de l'inscription dont vient ce lien." "This address was registered more than once: give the password chosen at the registration that this link comes from.";
    INVALID_REFRESH_TOKEN UNAUTHORIZED "invalid_refresh_token" "Cette session est terminée ; connectez-vous." "This session is over; sign in again.";
    ACCOUNT_SUSPENDED FORBIDDEN "account_suspended" "Ce compte est suspendu." "This account is suspended.";
    LOGIN_SLOWED_DOWN TOO_MANY_REQUESTS "login_slowed_down" "Trop de tentatives échouées ; réessayez plus tard." "Too many failed attempts; try again later.";
    TERMS_NOT_ACCEPTED UNPROCESSABLE_ENTITY "terms_not_accepted" "Les conditions doivent être acceptées." "The terms must be accepted.";
}
