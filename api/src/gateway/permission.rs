//! Permissions as types, so that a handler's signature says what it takes to call it.

use workflows::identity::rules::Permission;

/// A permission as a type.
pub trait Marker: Send + Sync + 'static {
    /// The permission it stands for.
    const PERMISSION: Permission;
}

macro_rules! markers {
    ($($name:ident)*) => {
        $(
            #[doc = concat!("Stands for [`Permission::", stringify!($name), "`].")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl Marker for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )*

        #[cfg(test)]
        const MARKED: &[Permission] = &[$(Permission::$name),*];
    };
}

markers! {
    AccountReadOwn
    AccountEditOwn
    ProfileReadOwn
    ProfileEditOwn
    OnboardingReadOwn
    ProfileSubmitOwn
    TimelineReadOwn
    ViewersReadOwn
    ProfileReadAny
    DocumentUploadOwn
    DocumentReadOwn
    DocumentDeleteOwn
    DocumentLink
    DocumentPreview
    CaseList
    CaseRead
    CaseClaim
    CaseRelease
    CaseReviewDocument
    CaseRequestCorrection
    CaseScheduleInterview
    CaseChangeInterview
    CaseCompleteInterview
    CaseAssess
    CaseDecide
    CasePreviewCard
    GridRead
    RejectedProfileList
    RejectedProfileReactivate
    DeadLetterList
    DeadLetterReplay
    SearchProfiles
    SearchOpenProfile
    SearchReadProfile
    SubscriptionReadOwn
    NotificationReadOwn
    NotificationMarkOwn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_its_type() {
        for permission in Permission::ALL {
            assert!(
                MARKED.contains(permission),
                "{permission:?} is missing above"
            );
        }
    }
}
