-- Subscriptions: plans and their limits as versioned data, the companies' subscriptions, and what
-- of their quotas they used.
--
-- A plan is never changed: new terms are a new version, and a running subscription keeps the one
-- it began with. A period of a quota has no row of its own: it is computed from the subscription's
-- anchor, and a usage row appears at its first use.

CREATE SCHEMA subscription;

CREATE TABLE subscription.plans (
    code text NOT NULL,
    version integer NOT NULL,
    name_fr text NOT NULL,
    name_en text NOT NULL,
    rank integer NOT NULL,
    documents_included boolean NOT NULL,
    valid_from timestamptz NOT NULL,

    CONSTRAINT pk_plans PRIMARY KEY (code, version),
    CONSTRAINT ck_plans_version CHECK (version > 0)
);

-- `amount` is in the currency's minor unit: XOF has none.
CREATE TABLE subscription.plan_prices (
    plan_code text NOT NULL,
    plan_version integer NOT NULL,
    interval text NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,

    CONSTRAINT pk_plan_prices PRIMARY KEY (plan_code, plan_version, interval, currency),
    CONSTRAINT fk_plan_prices_plan_code
        FOREIGN KEY (plan_code, plan_version) REFERENCES subscription.plans (code, version),
    CONSTRAINT ck_plan_prices_interval CHECK (interval IN ('month', 'year')),
    CONSTRAINT ck_plan_prices_currency CHECK (currency IN ('EUR', 'XOF')),
    CONSTRAINT ck_plan_prices_amount CHECK (amount >= 0)
);

-- A `quota_limit` of NULL is no limit.
CREATE TABLE subscription.quotas (
    plan_code text NOT NULL,
    plan_version integer NOT NULL,
    quota text NOT NULL,
    quota_limit bigint,

    CONSTRAINT pk_quotas PRIMARY KEY (plan_code, plan_version, quota),
    CONSTRAINT fk_quotas_plan_code
        FOREIGN KEY (plan_code, plan_version) REFERENCES subscription.plans (code, version),
    CONSTRAINT ck_quotas_quota CHECK (quota IN ('consultations', 'searches', 'seats')),
    CONSTRAINT ck_quotas_quota_limit CHECK (quota_limit >= 0)
);

CREATE TABLE subscription.subscriptions (
    id uuid PRIMARY KEY,
    company_id uuid NOT NULL,
    plan_code text NOT NULL,
    plan_version integer NOT NULL,
    status text NOT NULL DEFAULT 'active',
    interval text NOT NULL DEFAULT 'month',
    anchor timestamptz NOT NULL,
    cancel_at_period_end boolean NOT NULL DEFAULT false,
    next_retry_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,

    CONSTRAINT uk_subscriptions_company_id UNIQUE (company_id),
    CONSTRAINT fk_subscriptions_plan_code
        FOREIGN KEY (plan_code, plan_version) REFERENCES subscription.plans (code, version),
    CONSTRAINT ck_subscriptions_status
        CHECK (status IN ('trialing', 'active', 'past_due', 'grace', 'cancelled', 'expired')),
    CONSTRAINT ck_subscriptions_interval CHECK (interval IN ('month', 'year'))
);

-- `exceeded_at` is when the first refusal of the period was told. The free space of each page
-- lets the counter be raised in place.
CREATE TABLE subscription.quota_usage (
    company_id uuid NOT NULL,
    quota text NOT NULL,
    period_start timestamptz NOT NULL,
    used bigint NOT NULL,
    exceeded_at timestamptz,

    CONSTRAINT pk_quota_usage PRIMARY KEY (company_id, quota, period_start),
    CONSTRAINT ck_quota_usage_quota CHECK (quota IN ('consultations', 'searches')),
    CONSTRAINT ck_quota_usage_used CHECK (used >= 0)
) WITH (fillfactor = 50);

INSERT INTO subscription.plans
    (code, version, name_fr, name_en, rank, documents_included, valid_from)
VALUES
    ('freemium', 1, 'Freemium', 'Freemium', 1, false, '2026-01-01T00:00:00Z'),
    ('pro', 1, 'Pro', 'Pro', 2, false, '2026-01-01T00:00:00Z'),
    ('enterprise', 1, 'Entreprise', 'Enterprise', 3, true, '2026-01-01T00:00:00Z');

-- A year is charged as ten months.
INSERT INTO subscription.plan_prices (plan_code, plan_version, interval, currency, amount)
VALUES
    ('freemium', 1, 'month', 'EUR', 0),
    ('freemium', 1, 'month', 'XOF', 0),
    ('pro', 1, 'month', 'EUR', 4900),
    ('pro', 1, 'month', 'XOF', 32000),
    ('pro', 1, 'year', 'EUR', 49000),
    ('pro', 1, 'year', 'XOF', 320000),
    ('enterprise', 1, 'month', 'EUR', 19900),
    ('enterprise', 1, 'month', 'XOF', 130000),
    ('enterprise', 1, 'year', 'EUR', 199000),
    ('enterprise', 1, 'year', 'XOF', 1300000);

INSERT INTO subscription.quotas (plan_code, plan_version, quota, quota_limit)
VALUES
    ('freemium', 1, 'consultations', 10),
    ('freemium', 1, 'searches', 50),
    ('freemium', 1, 'seats', 1),
    ('pro', 1, 'consultations', 100),
    ('pro', 1, 'searches', NULL),
    ('pro', 1, 'seats', 3),
    ('enterprise', 1, 'consultations', NULL),
    ('enterprise', 1, 'searches', NULL),
    ('enterprise', 1, 'seats', NULL);

GRANT USAGE ON SCHEMA subscription TO yemma_api, yemma_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA subscription TO yemma_api, yemma_worker;

-- The verification of a company's address begins its Freemium; the status is the default's.
GRANT INSERT (id, company_id, plan_code, plan_version, interval, anchor, created_at, updated_at)
    ON subscription.subscriptions TO yemma_api;
GRANT INSERT, UPDATE (used, exceeded_at) ON subscription.quota_usage TO yemma_api;

GRANT INSERT, UPDATE, DELETE
    ON subscription.subscriptions, subscription.quota_usage TO yemma_worker;
GRANT INSERT ON subscription.plans, subscription.plan_prices, subscription.quotas TO yemma_worker;
