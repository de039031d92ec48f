//! What the acts share: the people, the show, and the list of places to look at.

use serde_json::Value;

use super::Show;
use crate::people::{Company, Place, Reviewer};

/// The running demo.
#[derive(Debug)]
pub(super) struct Stage {
    /// Where it is.
    pub(super) place: Place,
    /// The reviewer.
    pub(super) reviewer: Reviewer,
    /// The company on the Enterprise plan.
    pub(super) company: Company,
    /// What is printed.
    pub(super) show: Show,
    /// The list of workflows in Temporal's web pages.
    pub(super) temporal: String,
    /// The inbox.
    pub(super) mail: String,
    /// The case that is being told.
    pub(super) case: Value,
    /// Workflows worth a look: what, id.
    pub(super) workflows: Vec<(String, String)>,
}

impl Stage {
    /// Prints a step.
    pub(super) fn step(&mut self, title: &str, outcome: &str) {
        self.show.step(title, outcome);
    }

    /// Points at a workflow in Temporal's pages and remembers it for the end.
    pub(super) fn workflow(&mut self, what: &str, id: &str) {
        self.show.look("workflow", &self.workflow_url(id));
        self.workflows.push((what.to_owned(), id.to_owned()));
    }

    /// Points at a person's mails.
    pub(super) fn mail(&self, subject: &str) {
        self.show
            .look("mail", &format!("{} ({subject})", self.mail));
    }

    fn workflow_url(&self, id: &str) -> String {
        format!("{}/{id}", self.temporal)
    }

    /// Where to look when all is done.
    pub(super) fn summary(&self) {
        self.show.act("Everything was as promised. Where to look");
        let api = self.place.api.base();
        self.show.look("API docs", &format!("{api}/docs"));
        if let Some(id) = self.case["id"].as_str() {
            self.show
                .look("the case", &format!("{api}/api/v1/admin/validations/{id}"));
        }
        if let Some(profile) = self.case["profile_id"].as_str() {
            let query = format!("YemmaProfileId%3D%22{profile}%22");
            self.show
                .look("one person", &format!("{}?query={query}", self.temporal));
        }
        for (what, id) in &self.workflows {
            self.show.look(what, &self.workflow_url(id));
        }
        self.show.look("inbox", &self.mail);
    }
}
