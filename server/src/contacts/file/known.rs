//! Whose a line of a file is, among the contacts there are, and what becomes of it. Pure: the
//! preview and the import decide by the same.

use std::collections::{HashMap, HashSet};

use api::contact_files::{Fate, Refusal};
use api::contacts::{Contact, ContactDetails};
use uuid::Uuid;

use super::columns::Said;
use crate::contacts::fold::fold;

/// What some lines have to be compared with.
#[derive(Debug, Default)]
pub(in crate::contacts) struct Sought {
    /// Contacts with these numbers,
    pub(in crate::contacts) numbers: Vec<String>,
    /// these addresses,
    pub(in crate::contacts) emails: Vec<String>,
    /// or these names, without case and accents, and nothing else to be reached by.
    pub(in crate::contacts) names: Vec<String>,
}

impl Sought {
    /// For these lines.
    pub(in crate::contacts) fn of<'a>(lines: impl Iterator<Item = &'a Said>) -> Self {
        let mut sought = Self::default();
        for said in lines {
            let details = &said.details;
            sought.numbers.extend(details.phones().map(str::to_owned));
            sought.emails.extend(details.email.clone());
            if is_a_name(details) {
                sought.names.push(fold(&details.name));
            }
        }
        for list in [&mut sought.numbers, &mut sought.emails, &mut sought.names] {
            list.sort_unstable();
            list.dedup();
        }
        sought
    }
}

/// Whether nothing but a name is known.
fn is_a_name(details: &ContactDetails) -> bool {
    details.phone.is_none() && details.email.is_none()
}

/// Contacts, by what they are found by.
#[derive(Debug, Default)]
pub(in crate::contacts) struct Known {
    contacts: HashMap<String, ContactDetails>,
    by_number: HashMap<String, String>,
    by_email: HashMap<String, Vec<String>>,
    by_name: HashMap<String, Vec<String>>,
    /// Those that came with the file: of its lines only a number says that they are about one.
    /// Who is in a file twice by name may be two.
    of_file: HashSet<String>,
    /// What is to be written: new ones, and those that are others than before.
    new: Vec<String>,
    made: HashSet<String>,
    changed: HashSet<String>,
}

impl Known {
    /// Adds contacts there are; those it has already it knows better. The file is from then
    /// (Unix ms).
    pub(in crate::contacts) fn add(&mut self, contacts: Vec<Contact>, since: i64) {
        for contact in contacts {
            if !self.contacts.contains_key(&contact.id) {
                if contact.created_at >= since {
                    self.of_file.insert(contact.id.clone());
                }
                self.keep(contact.id, contact.details);
            }
        }
    }

    fn keep(&mut self, id: String, details: ContactDetails) {
        for number in details.phones() {
            self.by_number.insert(number.to_owned(), id.clone());
        }
        let note = |map: &mut HashMap<String, Vec<String>>, key: String| {
            let ids = map.entry(key).or_default();
            if !ids.contains(&id) {
                ids.push(id.clone());
            }
        };
        if let Some(email) = &details.email {
            note(&mut self.by_email, email.clone());
        }
        if is_a_name(&details) {
            note(&mut self.by_name, fold(&details.name));
        }
        self.contacts.insert(id, details);
    }

    /// Takes a line: what becomes of it, and of whom.
    ///
    /// # Errors
    /// Why it is refused.
    pub(in crate::contacts) fn take(
        &mut self,
        said: &Said,
    ) -> Result<(Fate, &ContactDetails), Refusal> {
        let found = self.whose(said)?;
        let known = found.as_ref().and_then(|id| self.contacts.get(id));
        let after = said.added_to(known.unwrap_or(&ContactDetails::default()))?;
        let (id, fate) = match (found, known) {
            (Some(id), Some(known)) if *known == after => (id, Fate::Same),
            (Some(id), _) => (id, Fate::Changed),
            (None, _) => (Uuid::now_v7().to_string(), Fate::New),
        };
        match fate {
            Fate::New => {
                self.new.push(id.clone());
                self.made.insert(id.clone());
                self.of_file.insert(id.clone());
            }
            Fate::Changed if !self.made.contains(&id) => {
                self.changed.insert(id.clone());
            }
            Fate::Changed | Fate::Same | Fate::Unknown => {}
        }
        if fate != Fate::Same {
            self.keep(id.clone(), after);
        }
        // It was put there, or found there.
        self.contacts
            .get(&id)
            .map(|details| (fate, details))
            .ok_or(Refusal::Unknown)
    }

    /// Whose the numbers are; without one, whose the address is; without either, whose the name
    /// is. Somebody with other numbers is somebody else, though they share an address: people of
    /// a family or a company do.
    fn whose(&self, said: &Said) -> Result<Option<String>, Refusal> {
        let details = &said.details;
        let may_be = |id: &&String| {
            let known = self.contacts.get(*id);
            let says_nothing = || known.is_some_and(|it| said.added_to(it).as_ref() == Ok(it));
            !self.of_file.contains(*id) || says_nothing()
        };
        let numbers: HashSet<_> = details
            .phones()
            .filter_map(|number| self.by_number.get(number))
            .collect();
        let mut candidates: Vec<&String> = numbers.into_iter().collect();
        let has_number = details.phone.is_some();
        if let (true, Some(email)) = (candidates.is_empty(), &details.email) {
            let same = self.by_email.get(email).into_iter().flatten();
            candidates = same
                .filter(|id| {
                    let known = self.contacts.get(*id);
                    !has_number || known.is_some_and(|it| it.phone.is_none())
                })
                .filter(may_be)
                .collect();
        }
        if is_a_name(details) {
            let same = self.by_name.get(&fold(&details.name)).into_iter().flatten();
            let still_a_name = |id: &&String| self.contacts.get(*id).is_some_and(is_a_name);
            candidates = same.filter(still_a_name).filter(may_be).collect();
        }
        match candidates[..] {
            [] => Ok(None),
            [id] => Ok(Some(id.clone())),
            _ => Err(Refusal::Ambiguous),
        }
    }

    /// The new contacts with their ids, in the order of the lines, and those that changed.
    pub(in crate::contacts) fn written(
        &self,
    ) -> (
        impl Iterator<Item = (&String, &ContactDetails)>,
        impl Iterator<Item = (&String, &ContactDetails)>,
    ) {
        let new = self
            .new
            .iter()
            .filter_map(|id| self.contacts.get_key_value(id));
        let changed = self.changed.iter();
        (
            new,
            changed.filter_map(|id| self.contacts.get_key_value(id)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, phones: &[&str], email: Option<&str>) -> Said {
        let details = ContactDetails {
            name: name.to_owned(),
            more_phones: phones.iter().map(|it| (*it).to_owned()).collect(),
            email: email.map(str::to_owned),
            ..ContactDetails::default()
        };
        Said {
            details: crate::contacts::checked(details).unwrap(),
            ..Said::default()
        }
    }

    fn known(id: &str, said: &Said) -> Contact {
        Contact {
            id: id.to_owned(),
            details: said.details.clone(),
            created_at: 0,
            updated_at: 0,
            revision: 0,
        }
    }

    const ONE: &str = "+34911230100";
    const TWO: &str = "+34911230101";

    #[test]
    fn a_line_is_whose_number_address_or_name_it_has() {
        let mut all = Known::default();
        all.add(
            vec![
                known("ana", &said("Ana", &[ONE], Some("us@example.com"))),
                known("ben", &said("Ben", &[], Some("ben@example.com"))),
                known("cleo", &said("Cleo", &[], None)),
            ],
            1,
        );
        let mut fate = |said: &Said| all.take(said).map(|(fate, _)| fate);
        assert_eq!(fate(&said("Ana", &[ONE], None)), Ok(Fate::Same));
        assert_eq!(fate(&said("Ana G.", &[TWO, ONE], None)), Ok(Fate::Changed));
        // Another number, the same address: somebody else.
        let other = said("Anna", &["+34911230102"], Some("us@example.com"));
        assert_eq!(fate(&other), Ok(Fate::New));
        // Without a number it may be either.
        let either = said("", &[], Some("us@example.com"));
        assert_eq!(fate(&either), Err(Refusal::Ambiguous));
        let ben = said("Ben", &["+34911230103"], Some("ben@example.com"));
        assert_eq!(fate(&ben), Ok(Fate::Changed));
        assert_eq!(fate(&said("CLÉO", &[], None)), Ok(Fate::Changed));
        assert_eq!(fate(&said("Cleo", &["+34911230104"], None)), Ok(Fate::New));
        // Two contacts in one line.
        let two = said("", &[ONE, "+34911230102"], None);
        assert_eq!(fate(&two), Err(Refusal::Ambiguous));
        let (new, changed) = all.written();
        assert_eq!(new.count(), 2);
        let mut changed: Vec<_> = changed.map(|(id, _)| id.as_str()).collect();
        changed.sort_unstable();
        assert_eq!(changed, ["ana", "ben", "cleo"]);
        assert_eq!(all.contacts["ana"].more_phones, [TWO]);
    }

    #[test]
    fn two_of_one_name_or_address_stay_two() {
        let mut all = Known::default();
        let noted = |name: &str, email: Option<&str>, notes: &str| {
            let mut said = said(name, &[], email);
            said.details.notes = notes.to_owned();
            said
        };
        for (line, fate) in [
            (noted("Ana", None, "tall"), Fate::New),
            (noted("Ana", None, "small"), Fate::New),
            (noted("Ben", Some("us@example.com"), "tall"), Fate::New),
            (noted("Cleo", Some("us@example.com"), "small"), Fate::New),
            (noted("Cleo", Some("us@example.com"), "small"), Fate::Same),
        ] {
            assert_eq!(all.take(&line).map(|it| it.0), Ok(fate), "{line:?}");
        }
        // Those of an earlier part of the file are told by when they were made.
        let mut next = Known::default();
        next.add(vec![known("ana", &noted("Ana", None, "tall"))], 0);
        let other = noted("Ana", None, "small");
        assert_eq!(next.take(&other).map(|it| it.0), Ok(Fate::New));
    }

    #[test]
    fn the_same_line_twice_is_one_contact() {
        let mut all = Known::default();
        let line = said("Ana", &[ONE], None);
        assert_eq!(all.take(&line).map(|it| it.0), Ok(Fate::New));
        assert_eq!(all.take(&line).map(|it| it.0), Ok(Fate::Same));
        let more = said("", &[ONE], Some("ana@example.com"));
        assert_eq!(all.take(&more).map(|it| it.0), Ok(Fate::Changed));
        let (new, changed) = all.written();
        assert_eq!(new.count(), 1);
        assert_eq!(changed.count(), 0);
    }
}
