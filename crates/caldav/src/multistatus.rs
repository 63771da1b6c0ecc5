//! What servers answer, as far as it is read. Whatever prefixes they write, names are
//! compared with their namespaces.

use roxmltree::{Document, Node, ParsingOptions};

use crate::Error;

pub(crate) const DAV: &str = "DAV:";
pub(crate) const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// So many elements and texts are read.
const NODES: u32 = 400_000;

/// What is said of one resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resource<'a> {
    /// Where it is.
    pub(crate) href: &'a str,
    response: Node<'a, 'a>,
}

impl<'a> Resource<'a> {
    /// A property, if the server has it.
    pub(crate) fn property(&self, name: (&str, &str)) -> Option<Node<'a, 'a>> {
        let found = |stat: &Node<'_, '_>| {
            let status = child(*stat, (DAV, "status")).and_then(text);
            status.is_none_or(|status| status.contains(" 200"))
        };
        let stats = self
            .response
            .children()
            .filter(|it| is(*it, (DAV, "propstat")));
        let mut props = stats
            .filter(found)
            .filter_map(|it| child(it, (DAV, "prop")));
        props.find_map(|prop| child(prop, name))
    }

    /// The address in a property.
    pub(crate) fn href_in(&self, name: (&str, &str)) -> Option<&'a str> {
        child(self.property(name)?, (DAV, "href")).and_then(text)
    }

    /// The status of the whole, where it has one.
    fn status(&self) -> Option<&'a str> {
        child(self.response, (DAV, "status")).and_then(text)
    }
}

/// Reads an answer.
pub(crate) fn parse(body: &str) -> Result<Document<'_>, Error> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES,
        ..ParsingOptions::default()
    };
    let parsed = Document::parse_with_options(body.trim_start_matches('\u{feff}'), options);
    parsed.map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => Error::TooMuch,
        _ => Error::Odd,
    })
}

/// What it says of each resource.
pub(crate) fn resources<'a>(document: &'a Document<'_>) -> Result<Vec<Resource<'a>>, Error> {
    let root = document.root_element();
    if !is(root, (DAV, "multistatus")) {
        return Err(Error::Odd);
    }
    let responses = root.children().filter(|it| is(*it, (DAV, "response")));
    let resources = responses.filter_map(|response| {
        let href = child(response, (DAV, "href")).and_then(text)?;
        Some(Resource { href, response })
    });
    Ok(resources.collect())
}

/// The calendar objects in the answer to a query.
///
/// # Errors
/// When it is none, or the server has left some of them out.
pub(crate) fn data_of_events(body: &str) -> Result<Vec<String>, Error> {
    let document = parse(body)?;
    let resources = resources(&document)?;
    let cut = |it: &Resource<'_>| it.status().is_some_and(|status| status.contains(" 507"));
    if resources.iter().any(cut) {
        return Err(Error::TooMuch);
    }
    let data = resources
        .iter()
        .filter_map(|it| it.property((CALDAV, "calendar-data")));
    // One text may be several sections.
    let whole = |node: Node<'_, '_>| {
        let texts = node
            .descendants()
            .filter_map(|it| it.is_text().then(|| it.text())?);
        texts.collect::<String>()
    };
    Ok(data.map(whole).collect())
}

/// Whether a refusal says that a name or an id is used already. Some do with a word of the
/// standard, Nextcloud with a sentence: it keeps what was deleted.
pub(crate) fn says_name_used(body: &str) -> bool {
    [
        "no-uid-conflict",
        "unique-scheduling-object-resource",
        "already exists",
    ]
    .iter()
    .any(|word| body.contains(word))
}

/// Whether an element is one of this name.
pub(crate) fn is(node: Node<'_, '_>, (space, name): (&str, &str)) -> bool {
    node.has_tag_name((space, name))
}

/// The first element of this name within.
pub(crate) fn child<'a>(node: Node<'a, 'a>, name: (&str, &str)) -> Option<Node<'a, 'a>> {
    node.children().find(|it| is(*it, name))
}

/// What it says, if it says anything.
pub(crate) fn text<'a>(node: Node<'a, 'a>) -> Option<&'a str> {
    let text = node.text()?.trim();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(responses: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:x="{CALDAV}">{responses}</d:multistatus>"#
        )
    }

    #[test]
    fn what_a_server_has_is_read_whatever_its_prefixes() {
        let body = answer(
            "<d:response><d:href> /a/ </d:href>\
             <d:propstat><d:prop><x:calendar-data>BEGIN&#13;<![CDATA[:VCALENDAR]]></x:calendar-data></d:prop>\
             <d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>\
             <d:response><d:href>/b/</d:href>\
             <d:propstat><d:prop><x:calendar-data>none</x:calendar-data></d:prop>\
             <d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>",
        );
        assert_eq!(
            data_of_events(&body),
            Ok(vec!["BEGIN\r:VCALENDAR".to_owned()])
        );
        let document = parse(&body).unwrap();
        let hrefs: Vec<_> = resources(&document)
            .unwrap()
            .iter()
            .map(|it| it.href)
            .collect();
        assert_eq!(hrefs, ["/a/", "/b/"]);
    }

    #[test]
    fn what_was_left_out_is_told() {
        let cut = answer(
            "<d:response><d:href>/</d:href>\
             <d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response>",
        );
        assert_eq!(data_of_events(&cut), Err(Error::TooMuch));
        for odd in [
            "",
            "<html/>",
            "{}",
            r#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#,
        ] {
            assert_eq!(data_of_events(odd), Err(Error::Odd), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_read_without_harm(inside in "[<>/&;a-z:= \"!\\[\\]-]{0,60}") {
            let _ = data_of_events(&inside);
            let _ = data_of_events(&answer(&inside));
        }
    }
}
