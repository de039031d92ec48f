//! Permissions as data: one per operation; a role is a list of them.
//!
//! The lists here are what a fresh platform begins with; `auth.roles` is what counts.

use crate::codes;

codes! {
    /// What an account is for.
    pub enum AccountType {
        /// Looks for work.
        Candidate = "candidate",
        /// Recruits for a company.
        Company = "company",
        /// Works for the platform.
        Staff = "staff",
    }
}

codes! {
    /// A role, by its name on the wire.
    pub enum Role {
        /// Looks for work.
        Candidate = "candidate",
        /// A company's master account.
        CompanyAdmin = "company_admin",
        /// Invited by a company.
        Recruiter = "recruiter",
        /// Reviews profiles.
        Admin = "admin",
        /// Runs the platform.
        SuperAdmin = "super_admin",
        /// Another service, by a token of this scope.
        Internal = "internal",
    }
}

codes! {
    /// One operation of the API.
    pub enum Permission {
        /// `GET /auth/me`
        AccountReadOwn = "account.read_own",
        /// `PATCH /auth/me`
        AccountEditOwn = "account.edit_own",
        /// `GET /candidates/me/profile`
        ProfileReadOwn = "profile.read_own",
        /// `PATCH /candidates/me/onboarding/steps/{name}`
        ProfileEditOwn = "profile.edit_own",
        /// `GET /candidates/me/onboarding`
        OnboardingReadOwn = "onboarding.read_own",
        /// `POST /candidates/me/submission`
        ProfileSubmitOwn = "profile.submit_own",
        /// `GET /candidates/me/timeline`
        TimelineReadOwn = "timeline.read_own",
        /// `GET /candidates/me/viewers`
        ViewersReadOwn = "viewers.read_own",
        /// `GET /candidates/{id}`
        ProfileReadAny = "profile.read_any",
        /// `POST /documents`
        DocumentUploadOwn = "document.upload_own",
        /// `GET /documents`
        DocumentReadOwn = "document.read_own",
        /// `DELETE /documents/{id}`
        DocumentDeleteOwn = "document.delete_own",
        /// `GET /documents/{id}` and `POST /documents/{id}/links`, of those the caller may see
        DocumentLink = "document.link",
        /// `GET /documents/{id}/pages/{n}`, of those the caller may see
        DocumentPreview = "document.preview",
        /// `GET /admin/validations`
        CaseList = "case.list",
        /// `GET /admin/validations/{id}`
        CaseRead = "case.read",
        /// `POST …/claim`
        CaseClaim = "case.claim",
        /// `POST …/release`
        CaseRelease = "case.release",
        /// `POST …/documents/{document_id}/review`
        CaseReviewDocument = "case.review_document",
        /// `POST …/correction-requests`
        CaseRequestCorrection = "case.request_correction",
        /// `POST …/interviews`
        CaseScheduleInterview = "case.schedule_interview",
        /// `PATCH …/interviews/{id}`
        CaseChangeInterview = "case.change_interview",
        /// `POST …/interviews/{id}/completion`
        CaseCompleteInterview = "case.complete_interview",
        /// `PUT …/assessment`
        CaseAssess = "case.assess",
        /// `POST …/decision`
        CaseDecide = "case.decide",
        /// `GET …/card`
        CasePreviewCard = "case.preview_card",
        /// `GET /admin/assessment-grid`
        GridRead = "grid.read",
        /// `GET /admin/rejected-profiles`
        RejectedProfileList = "rejected_profile.list",
        /// `POST /admin/rejected-profiles/{profile_id}/reactivation`
        RejectedProfileReactivate = "rejected_profile.reactivate",
        /// `GET /admin/dead-letters`
        DeadLetterList = "dead_letter.list",
        /// `POST /admin/dead-letters/{id}/replay`
        DeadLetterReplay = "dead_letter.replay",
        /// `POST /search/profiles`
        SearchProfiles = "search.profiles",
        /// `POST /search/profiles/{profile_id}/opening`
        SearchOpenProfile = "search.open_profile",
        /// `GET /search/profiles/{profile_id}`
        SearchReadProfile = "search.read_profile",
        /// `GET /subscriptions/me`
        SubscriptionReadOwn = "subscription.read_own",
        /// `GET /notifications`
        NotificationReadOwn = "notification.read_own",
        /// `POST /notifications/{id}/read`
        NotificationMarkOwn = "notification.mark_own",
    }
}

use Permission as P;

const CANDIDATE: &[Permission] = &[
    P::AccountReadOwn,
    P::AccountEditOwn,
    P::ProfileReadOwn,
    P::ProfileEditOwn,
    P::OnboardingReadOwn,
    P::ProfileSubmitOwn,
    P::TimelineReadOwn,
    P::ViewersReadOwn,
    P::DocumentUploadOwn,
    P::DocumentReadOwn,
    P::DocumentDeleteOwn,
    P::DocumentLink,
    P::DocumentPreview,
    P::NotificationReadOwn,
    P::NotificationMarkOwn,
];

/// Everything a recruiter may; what the company's admin may beyond it comes with the company's
/// own operations.
const RECRUITER: &[Permission] = &[
    P::AccountReadOwn,
    P::AccountEditOwn,
    P::SearchProfiles,
    P::SearchOpenProfile,
    P::SearchReadProfile,
    P::DocumentLink,
    P::DocumentPreview,
    P::SubscriptionReadOwn,
    P::NotificationReadOwn,
    P::NotificationMarkOwn,
];

const ADMIN: &[Permission] = &[
    P::AccountReadOwn,
    P::AccountEditOwn,
    P::ProfileReadAny,
    P::DocumentLink,
    P::DocumentPreview,
    P::CaseList,
    P::CaseRead,
    P::CaseClaim,
    P::CaseRelease,
    P::CaseReviewDocument,
    P::CaseRequestCorrection,
    P::CaseScheduleInterview,
    P::CaseChangeInterview,
    P::CaseCompleteInterview,
    P::CaseAssess,
    P::CaseDecide,
    P::CasePreviewCard,
    P::GridRead,
    P::RejectedProfileList,
    P::RejectedProfileReactivate,
    P::DeadLetterList,
    P::NotificationReadOwn,
    P::NotificationMarkOwn,
];

/// Runs the platform and is no reviewer: sees the queue, not the cases.
const SUPER_ADMIN: &[Permission] = &[
    P::AccountReadOwn,
    P::AccountEditOwn,
    P::CaseList,
    P::GridRead,
    P::DeadLetterList,
    P::DeadLetterReplay,
    P::NotificationReadOwn,
    P::NotificationMarkOwn,
];

const INTERNAL: &[Permission] = &[P::ProfileReadAny, P::DocumentLink];

impl Role {
    /// What the role may do on a fresh platform.
    #[must_use]
    pub const fn default_permissions(self) -> &'static [Permission] {
        match self {
            Self::Candidate => CANDIDATE,
            Self::CompanyAdmin | Self::Recruiter => RECRUITER,
            Self::Admin => ADMIN,
            Self::SuperAdmin => SUPER_ADMIN,
            Self::Internal => INTERNAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_somebodys() {
        for permission in Permission::ALL {
            let somebody = Role::ALL
                .iter()
                .any(|role| role.default_permissions().contains(permission));
            assert!(somebody, "{permission}");
        }
    }

    #[test]
    fn nobody_reads_across_the_walls() {
        let may = |role: Role, permission| role.default_permissions().contains(&permission);
        for role in [Role::Candidate, Role::CompanyAdmin, Role::Recruiter] {
            assert!(!may(role, P::ProfileReadAny) && !may(role, P::CaseList));
        }
        for role in [
            Role::Candidate,
            Role::Admin,
            Role::SuperAdmin,
            Role::Internal,
        ] {
            assert!(!may(role, P::SearchProfiles) && !may(role, P::SearchOpenProfile));
        }
        let replayers = Role::ALL
            .iter()
            .filter(|role| may(**role, P::DeadLetterReplay));
        assert_eq!(replayers.collect::<Vec<_>>(), [&Role::SuperAdmin]);
    }
}
