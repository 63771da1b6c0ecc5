//! Fills the `{{name}}` placeholders of a page.
//!
//! A value is escaped for the place a placeholder stands in by its type, so a
//! page cannot be broken out of by a name or a setting.

use std::collections::BTreeMap;

/// The values for a page's placeholders.
#[derive(Debug, Default)]
pub struct Values {
    escaped: BTreeMap<String, String>,
}

/// A template asks for something nobody gave: a mistake in the template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No value has this name.
    #[error("the page asks for `{0}`, which nobody knows")]
    Unknown(String),
    /// A placeholder is not closed.
    #[error("the page has a `{{{{` without its `}}}}`")]
    Unclosed,
}

impl Values {
    /// A text, for element content and quoted attributes.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.escaped.insert(name.to_owned(), escape(value));
        self
    }

    /// A value as JSON, for the content of a `<script type="application/json">`.
    #[must_use]
    pub fn json<T: serde::Serialize>(mut self, name: &str, value: &T) -> Self {
        // In JSON these can stand only inside strings, where the escapes mean
        // the same; in HTML they could end the element.
        let json = serde_json::to_string(value)
            .unwrap_or_default()
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026");
        self.escaped.insert(name.to_owned(), json);
        self
    }

    /// Fills a page.
    ///
    /// # Errors
    /// When the page has a placeholder without a value, or an unclosed one.
    pub fn fill(&self, page: &str) -> Result<String, TemplateError> {
        let mut filled = String::with_capacity(page.len() + 512);
        let mut rest = page;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").ok_or(TemplateError::Unclosed)?;
            let name = name.trim();
            let value = self
                .escaped
                .get(name)
                .ok_or_else(|| TemplateError::Unknown(name.to_owned()))?;
            filled.push_str(before);
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// Escapes a text for element content and quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_break_out_of_the_page() {
        let values = Values::default()
            .text("title", r#"<b>"Tom & 'Jerry'"</b>"#)
            .json("config", &"</script><script>alert(1)</script>&");
        let page = r#"<p title="{{title}}">{{ title }}</p><script>{{config}}</script>"#;
        let filled = values.fill(page).unwrap();
        let title = "&lt;b&gt;&quot;Tom &amp; &#39;Jerry&#39;&quot;&lt;/b&gt;";
        let json = r#""\u003c/script\u003e\u003cscript\u003ealert(1)\u003c/script\u003e\u0026""#;
        let expected = format!(r#"<p title="{title}">{title}</p><script>{json}</script>"#);
        assert_eq!(filled, expected);
        let back: String = serde_json::from_str(json).unwrap();
        assert_eq!(back, "</script><script>alert(1)</script>&");
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_stays_as_it_is() {
        let values = Values::default().text("a", "{{b}}").text("b", "no");
        assert_eq!(values.fill("{{a}}").unwrap(), "{{b}}");
    }

    #[test]
    fn mistakes_in_a_template_are_named() {
        let values = Values::default();
        assert_eq!(
            values.fill("{{who}}"),
            Err(TemplateError::Unknown("who".into()))
        );
        assert_eq!(values.fill("a {{ b"), Err(TemplateError::Unclosed));
        assert_eq!(
            values.fill("no placeholder }}").unwrap(),
            "no placeholder }}"
        );
    }
}
