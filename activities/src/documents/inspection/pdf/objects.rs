//! The objects of a PDF by number, in each of their versions.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Document, Object, ObjectId};

/// One version of an object.
pub(super) struct Defined {
    /// Its number and generation.
    pub(super) id: ObjectId,
    /// What it is; the dictionary of a stream.
    pub(super) value: Object,
    /// Whether it is a stream.
    pub(super) is_stream: bool,
}

/// Objects in all their versions. Programs differ in which version they take, and some look at the
/// number alone, so a reference leads to each of them.
pub(super) struct Objects {
    defined: Vec<Defined>,
    by_number: HashMap<u32, Vec<usize>>,
}

impl Objects {
    /// Of the file's objects and the trailers, which have no number.
    pub(super) fn new(mut defined: Vec<Defined>, trailers: Vec<Dictionary>) -> Self {
        let mut by_number: HashMap<u32, Vec<usize>> = HashMap::new();
        for (index, object) in defined.iter().enumerate() {
            by_number.entry(object.id.0).or_default().push(index);
        }
        defined.extend(trailers.into_iter().map(|trailer| Defined {
            id: (0, 0),
            value: Object::Dictionary(trailer),
            is_stream: false,
        }));
        Self { defined, by_number }
    }

    /// Of the objects as `lopdf` read them.
    pub(super) fn of(document: &Document) -> Self {
        let defined = document.objects.iter().map(|(id, object)| {
            let (value, is_stream) = match object {
                Object::Stream(stream) => (Object::Dictionary(stream.dict.clone()), true),
                other => (other.clone(), false),
            };
            Defined {
                id: *id,
                value,
                is_stream,
            }
        });
        Self::new(defined.collect(), vec![document.trailer.clone()])
    }

    /// Every version of every object.
    pub(super) fn all(&self) -> &[Defined] {
        &self.defined
    }

    /// The versions of an object.
    pub(super) fn versions(&self, number: u32) -> impl Iterator<Item = &Defined> {
        let places = self.by_number.get(&number).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.defined.get(*place))
    }

    /// What an object is, or each thing that a reference may lead to.
    pub(super) fn resolve<'a>(&'a self, object: &'a Object) -> Vec<&'a Object> {
        let Object::Reference((number, _)) = object else {
            return vec![object];
        };
        let mut found = Vec::new();
        let mut waiting = vec![*number];
        let mut seen = HashSet::new();
        while let Some(number) = waiting.pop() {
            if !seen.insert(number) {
                continue;
            }
            for defined in self.versions(number) {
                match &defined.value {
                    Object::Reference((further, _)) => waiting.push(*further),
                    value => found.push(value),
                }
            }
        }
        found
    }

    /// The dictionaries that a key may lead to.
    pub(super) fn dictionaries<'a>(
        &'a self,
        dictionary: &'a Dictionary,
        key: &[u8],
    ) -> Vec<&'a Dictionary> {
        self.values(dictionary, key)
            .into_iter()
            .filter_map(|object| object.as_dict().ok())
            .collect()
    }

    /// What a key may lead to.
    pub(super) fn values<'a>(&'a self, dictionary: &'a Dictionary, key: &[u8]) -> Vec<&'a Object> {
        dictionary
            .get(key)
            .map(|object| self.resolve(object))
            .unwrap_or_default()
    }

    /// The names that a key may lead to. A string is taken for a name, as some programs do.
    pub(super) fn names<'a>(&'a self, dictionary: &'a Dictionary, key: &[u8]) -> Vec<&'a [u8]> {
        self.values(dictionary, key)
            .into_iter()
            .filter_map(|object| match object {
                Object::Name(name) | Object::String(name, _) => Some(name.as_slice()),
                _ => None,
            })
            .collect()
    }

    /// Calls `visit` with every dictionary, those inside of others too, and whether it is a
    /// stream's own; stops when it says so.
    pub(super) fn any_dictionary(&self, mut visit: impl FnMut(&Dictionary, bool) -> bool) -> bool {
        self.defined.iter().any(|defined| {
            let mut waiting = vec![(&defined.value, defined.is_stream)];
            while let Some((object, is_stream)) = waiting.pop() {
                match object {
                    Object::Array(items) => waiting.extend(items.iter().map(|item| (item, false))),
                    Object::Dictionary(dictionary) => {
                        if visit(dictionary, is_stream) {
                            return true;
                        }
                        waiting.extend(dictionary.iter().map(|(_, value)| (value, false)));
                    }
                    _ => {}
                }
            }
            false
        })
    }
}
