//! The closed lists of the profile.

use crate::codes;

codes! {
    /// A person's gender, as they choose to tell it.
    pub enum Gender {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Another.
        Other = "other",
        /// Rather not told.
        Undisclosed = "undisclosed",
    }
}

codes! {
    /// A kind of contract.
    pub enum ContractType {
        /// Permanent (CDI).
        Permanent = "permanent",
        /// Fixed term (CDD).
        FixedTerm = "fixed_term",
        /// Freelance.
        Freelance = "freelance",
        /// Internship.
        Internship = "internship",
        /// Apprenticeship.
        Apprenticeship = "apprenticeship",
        /// Temporary agency work.
        Temporary = "temporary",
    }
}

codes! {
    /// The level of a diploma.
    pub enum EducationLevel {
        /// Baccalauréat.
        Bac = "bac",
        /// Two years after it.
        Bac2 = "bac_2",
        /// Three years after it.
        Bac3 = "bac_3",
        /// Four years after it.
        Bac4 = "bac_4",
        /// Five years after it.
        Bac5 = "bac_5",
        /// Doctorate.
        Doctorate = "doctorate",
        /// Vocational training.
        Vocational = "vocational",
    }
}

codes! {
    /// How well a skill or a tool is mastered, from low to high.
    pub enum SkillLevel {
        /// Beginner.
        Beginner = "beginner",
        /// Intermediate.
        Intermediate = "intermediate",
        /// Advanced.
        Advanced = "advanced",
        /// Expert.
        Expert = "expert",
    }
}

codes! {
    /// How well a language is mastered, from low to high (CEFR).
    pub enum LanguageLevel {
        /// Breakthrough.
        A1 = "A1",
        /// Waystage.
        A2 = "A2",
        /// Threshold.
        B1 = "B1",
        /// Vantage.
        B2 = "B2",
        /// Effective proficiency.
        C1 = "C1",
        /// Mastery.
        C2 = "C2",
    }
}

codes! {
    /// How far the person would move for work.
    pub enum Mobility {
        /// Not at all.
        None = "none",
        /// Within the city.
        City = "city",
        /// Within the country.
        National = "national",
        /// Anywhere.
        International = "international",
    }
}

codes! {
    /// How soon the person could begin.
    pub enum Availability {
        /// At once.
        Immediate = "immediate",
        /// Within one month.
        OneMonth = "one_month",
        /// Within two months.
        TwoMonths = "two_months",
        /// Within three months.
        ThreeMonths = "three_months",
        /// Later.
        Later = "later",
    }
}

codes! {
    /// A currency of the market.
    pub enum Currency {
        /// West African CFA franc, without a minor unit.
        Xof = "XOF",
        /// Euro, in cents.
        Eur = "EUR",
    }
}

codes! {
    /// What a salary is counted by.
    pub enum SalaryPeriod {
        /// A month.
        Month = "month",
        /// A year.
        Year = "year",
    }
}
