//! What an account may do now, in one statement.

use std::collections::BTreeMap;

use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;
use workflows::identity::rules::{Permission, Role};

use crate::database::Store;
use crate::error::StoreError;

const TABLE: &str = "auth.users";

/// A role with the permissions it has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

/// A role in a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The company.
    pub company_id: Uuid,
    /// What the person is there.
    pub grant: Grant,
}

/// What an account is and may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether the address was verified.
    pub verified: bool,
    /// Whether the account is suspended.
    pub suspended: bool,
    /// The roles of the person.
    pub grants: Vec<Grant>,
    /// The roles in companies, oldest first.
    pub memberships: Vec<Membership>,
}

impl Standing {
    /// Whether the account may act at all, and for that company.
    #[must_use]
    pub fn may_act_for(&self, company_id: Option<Uuid>) -> bool {
        let member =
            company_id.is_none_or(|id| self.memberships.iter().any(|m| m.company_id == id));
        self.verified && !self.suspended && member
    }

    /// The roles it has when it acts for that company, or for none.
    #[must_use]
    pub fn granted(&self, company_id: Option<Uuid>) -> Vec<&Grant> {
        let there = self
            .memberships
            .iter()
            .filter(|m| Some(m.company_id) == company_id);
        self.grants.iter().chain(there.map(|m| &m.grant)).collect()
    }
}

struct Row {
    verified: bool,
    suspended: bool,
    grants: Json<BTreeMap<String, Vec<String>>>,
    memberships: Json<Vec<MembershipRow>>,
}

#[derive(Deserialize)]
struct MembershipRow {
    company_id: Uuid,
    role: String,
    permissions: Vec<String>,
}

/// The standing of an account; `None` if there is no such account.
pub async fn standing(store: &Store, user_id: Uuid) -> Result<Option<Standing>, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query_as!(
        Row,
        r#"SELECT
            email_verified_at IS NOT NULL AS "verified!",
            suspended_at IS NOT NULL AS "suspended!",
            (SELECT coalesce(jsonb_object_agg(role.name, role.permissions), '{}')
             FROM auth.user_roles held JOIN auth.roles role ON role.name = held.role
             WHERE held.user_id = account.id) AS "grants!: Json<BTreeMap<String, Vec<String>>>",
            (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'company_id', member.company_id, 'role', role.name, 'permissions', role.permissions)
                ORDER BY member.joined_at, member.company_id), '[]')
             FROM company.company_recruiters member JOIN auth.roles role ON role.name = member.role
             WHERE member.user_id = account.id AND member.removed_at IS NULL)
                AS "memberships!: Json<Vec<MembershipRow>>"
        FROM auth.users account WHERE id = $1"#,
        user_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(Row::read).transpose()
}

impl Row {
    fn read(self) -> Result<Standing, StoreError> {
        let grants = self
            .grants
            .0
            .into_iter()
            .map(|(role, permissions)| grant(&role, &permissions));
        let memberships = self.memberships.0.into_iter().map(|row| {
            let grant = grant(&row.role, &row.permissions)?;
            Ok(Membership {
                company_id: row.company_id,
                grant,
            })
        });
        Ok(Standing {
            verified: self.verified,
            suspended: self.suspended,
            grants: grants.collect::<Result<_, _>>()?,
            memberships: memberships.collect::<Result<_, StoreError>>()?,
        })
    }
}

/// A permission that this version does not know, of a newer one during a rollout, grants nothing.
fn grant(role: &str, permissions: &[String]) -> Result<Grant, StoreError> {
    let role =
        Role::from_code(role).ok_or_else(|| StoreError::inconsistent(TABLE, "unknown role"))?;
    let permissions = permissions
        .iter()
        .filter_map(|word| Permission::from_code(word))
        .collect();
    Ok(Grant { role, permissions })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> Standing {
        let grant = |role: Role| Grant {
            role,
            permissions: role.default_permissions().to_vec(),
        };
        let member = |id, role| Membership {
            company_id: Uuid::from_u128(id),
            grant: grant(role),
        };
        Standing {
            verified: true,
            suspended: false,
            grants: vec![grant(Role::Candidate)],
            memberships: vec![member(1, Role::Recruiter), member(2, Role::CompanyAdmin)],
        }
    }

    #[test]
    fn a_role_counts_only_in_its_company() {
        let roles = |company| -> Vec<Role> {
            standing()
                .granted(company)
                .iter()
                .map(|grant| grant.role)
                .collect()
        };
        assert_eq!(roles(None), [Role::Candidate]);
        assert_eq!(
            roles(Some(Uuid::from_u128(1))),
            [Role::Candidate, Role::Recruiter]
        );
        assert_eq!(roles(Some(Uuid::from_u128(3))), [Role::Candidate]);
    }

    #[test]
    fn only_members_who_are_verified_and_not_suspended_act() {
        assert!(standing().may_act_for(None) && standing().may_act_for(Some(Uuid::from_u128(2))));
        assert!(!standing().may_act_for(Some(Uuid::from_u128(3))));
        assert!(
            !Standing {
                suspended: true,
                ..standing()
            }
            .may_act_for(None)
        );
        assert!(
            !Standing {
                verified: false,
                ..standing()
            }
            .may_act_for(None)
        );
    }
}
