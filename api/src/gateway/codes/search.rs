//! Codes of searching and opening profiles.

use super::codes;

codes! {
    QUOTA_EXCEEDED PAYMENT_REQUIRED "quota_exceeded" "Le quota de votre formule est épuisé jusqu'au {renews_at}." "Your plan's quota is used up until {renews_at}.";
    NOT_OPENED FORBIDDEN "not_opened" "Votre entreprise n'a pas ouvert ce profil pendant la période en cours." "Your company has not opened this profile in the current period.";
    NO_SUBSCRIPTION NOT_FOUND "no_subscription" "Votre entreprise n'a pas d'abonnement." "Your company has no subscription.";
}
