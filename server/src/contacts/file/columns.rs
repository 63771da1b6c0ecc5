//! What the columns of a file are, and what a line of it says of somebody.

use api::contact_files::{Column, ImportPlan, Refusal};
use api::contacts::ContactDetails;
use serde_json::{Map, Value};

use super::sheet::Sheet;
use crate::contacts::checked_with;
use crate::contacts::fold::fold;
use crate::invalid::checked_public_email;
use crate::phone::E164;

/// How many lines a column is known by.
const SAMPLES: usize = 50;
/// How long the name of a field may be that a column becomes.
const FIELD_MAX_CHARS: usize = 60;
/// How our own files call the business's own fields: texts, and what else they may be.
pub(super) const TEXT_FIELD: &str = "field:";
/// See [`TEXT_FIELD`].
pub(super) const JSON_FIELD: &str = "json:";

/// What people and programs call columns, without case, accents and anything but letters.
const NAMES: [(Column, &[&str]); 9] = [
    (
        Column::Name,
        &[
            "name",
            "fullname",
            "firstname",
            "givenname",
            "lastname",
            "surname",
            "familyname",
            "customer",
            "contact",
            "nombre",
            "nombrecompleto",
            "apellido",
            "apellidos",
            "cliente",
            "contacto",
            "vorname",
            "nachname",
            "vollername",
            "kunde",
            "kontakt",
        ],
    ),
    (
        Column::Phone,
        &[
            "phone",
            "phones",
            "morephones",
            "phonenumber",
            "phonevalue",
            "telephone",
            "tel",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "cell",
            "cellphone",
            "number",
            "homephone",
            "businessphone",
            "workphone",
            "primaryphone",
            "telefono",
            "movil",
            "celular",
            "numero",
            "telefon",
            "telefonnummer",
            "handy",
            "handynummer",
            "mobil",
            "mobiltelefon",
            "rufnummer",
        ],
    ),
    (
        Column::Email,
        &[
            "email",
            "emails",
            "mail",
            "emailaddress",
            "emailvalue",
            "correo",
            "correoelectronico",
            "emailadresse",
            "mailadresse",
        ],
    ),
    (
        Column::Language,
        &["language", "lang", "locale", "idioma", "lengua", "sprache"],
    ),
    (Column::Vip, &["vip", "important", "importante", "wichtig"]),
    (Column::Blocked, &["blocked", "bloqueado", "gesperrt"]),
    (
        Column::DoNotCall,
        &["donotcall", "dnc", "nollamar", "nichtanrufen"],
    ),
    (
        Column::Tags,
        &[
            "tags",
            "tag",
            "labels",
            "groups",
            "groupmembership",
            "categories",
            "etiquetas",
            "grupos",
            "categorias",
            "stichworter",
            "schlagworter",
            "gruppen",
            "kategorien",
        ],
    ),
    (
        Column::Notes,
        &[
            "notes",
            "note",
            "comments",
            "comment",
            "notas",
            "comentarios",
            "notizen",
            "notiz",
            "bemerkung",
            "bemerkungen",
        ],
    ),
];

fn is_email(cell: &str) -> bool {
    checked_public_email(cell).is_some()
}

fn is_number(cell: &str) -> bool {
    cell.chars().filter(char::is_ascii_digit).count() >= 7 && E164::parse(cell).is_ok()
}

/// Whether these cells are somebody's and no header.
pub(super) fn looks_like_data(cells: &[String]) -> bool {
    let ours = |cell: &String| cell.starts_with(TEXT_FIELD) || cell.starts_with(JSON_FIELD);
    cells.iter().any(|cell| is_email(cell) || is_number(cell)) && !cells.iter().any(ours)
}

/// How a file is most likely meant.
pub(in crate::contacts) fn guess(sheet: &Sheet) -> ImportPlan {
    let columns = sheet.header.iter().enumerate().map(|(at, name)| {
        let cells = sheet.lines.iter().filter_map(|line| line.cells.get(at));
        let cells = cells.map(|cell| cell.trim());
        let samples: Vec<_> = cells
            .filter(|cell| !cell.is_empty())
            .take(SAMPLES)
            .collect();
        column(name, &samples)
    });
    ImportPlan {
        columns: columns.collect(),
        // Of the numbers that say where they are, those that do not cannot be told.
        country: None,
    }
}

fn column(name: &str, samples: &[&str]) -> Column {
    if let Some(field) = name.strip_prefix(TEXT_FIELD) {
        return Column::Field(field.to_owned());
    }
    if let Some(field) = name.strip_prefix(JSON_FIELD) {
        return Column::Json(field.to_owned());
    }
    let plain: String = fold(name).chars().filter(|c| c.is_alphabetic()).collect();
    let known = NAMES
        .iter()
        .find(|(_, names)| names.contains(&plain.as_str()));
    if let Some((column, _)) = known {
        return column.clone();
    }
    let all = |is: fn(&str) -> bool| !samples.is_empty() && samples.iter().all(|it| is(it));
    let field: String = name.trim().chars().take(FIELD_MAX_CHARS).collect();
    match () {
        () if all(is_email) => Column::Email,
        () if all(is_number) => Column::Phone,
        () if samples.is_empty() || field.is_empty() => Column::Ignored,
        () => Column::Field(field),
    }
}

/// What a line says of somebody; what it says nothing of is empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::contacts) struct Said {
    /// The texts, numbers and tags; as [`checked`](crate::contacts::checked) leaves them.
    pub(super) details: ContactDetails,
    /// Whether it says how they are to be treated.
    pub(super) vip: Option<bool>,
    /// See above.
    pub(super) blocked: Option<bool>,
    /// See above.
    pub(super) do_not_call: Option<bool>,
}

/// Reads a line.
///
/// # Errors
/// Why it is refused.
pub(in crate::contacts) fn read_line(plan: &ImportPlan, cells: &[String]) -> Result<Said, Refusal> {
    let mut beyond = cells.iter().skip(plan.columns.len());
    if beyond.any(|cell| !cell.trim().is_empty()) {
        return Err(Refusal::Cells);
    }
    let mut said = Said::default();
    let (mut names, mut phones) = (Vec::new(), Vec::new());
    let details = &mut said.details;
    for (column, cell) in plan.columns.iter().zip(cells) {
        let text = cell.trim();
        if text.is_empty() {
            continue;
        }
        match column {
            Column::Ignored => {}
            Column::Name => names.push(text),
            Column::Phone => {
                for number in text.split([',', ';', '\n']).map(str::trim) {
                    if !number.is_empty() {
                        phones.push(e164(number, plan.country.as_deref())?);
                    }
                }
            }
            Column::Email => details.email = Some(text.to_owned()),
            Column::Language => details.language = Some(text.to_owned()),
            Column::Vip => said.vip = Some(yes_or_no(text)?),
            Column::Blocked => said.blocked = Some(yes_or_no(text)?),
            Column::DoNotCall => said.do_not_call = Some(yes_or_no(text)?),
            Column::Tags => details.tags.extend(tags(text)),
            // As it is: what stands around it was put there.
            Column::Notes => match details.notes.is_empty() {
                true => details.notes.clone_from(cell),
                false => details.notes = format!("{}\n{cell}", details.notes),
            },
            Column::Field(name) => {
                details.fields.insert(name.clone(), cell.as_str().into());
            }
            Column::Json(name) => {
                let value: Value = serde_json::from_str(text).map_err(|_| Refusal::Json)?;
                details.fields.insert(name.clone(), value);
            }
        }
    }
    details.name = names.join(" ");
    let details = std::mem::take(details);
    said.details = checked_with(details, phones).map_err(Refusal::from)?;
    Ok(said)
}

fn e164(number: &str, country: Option<&str>) -> Result<String, Refusal> {
    let read = E164::parse(number).or_else(|error| match country {
        Some(country) => E164::parse_in(number, country),
        None => Err(error),
    });
    read.map(|it| it.to_string())
        .map_err(|error| crate::contacts::Wrong::Phone("phone", error).into())
}

fn yes_or_no(text: &str) -> Result<bool, Refusal> {
    match fold(text).as_str() {
        "1" | "yes" | "y" | "true" | "x" | "si" | "s" | "ja" | "j" => Ok(true),
        "0" | "no" | "n" | "false" | "-" | "nein" => Ok(false),
        _ => Err(Refusal::YesOrNo),
    }
}

/// The tags in a cell: what stands between commas, semicolons and line breaks, or in quotes.
fn tags(text: &str) -> Vec<String> {
    let (mut tags, mut tag, mut quoted) = (Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                tag.push('"');
            }
            '"' if quoted || tag.trim().is_empty() => quoted = !quoted,
            ',' | ';' | '\n' if !quoted => tags.push(std::mem::take(&mut tag)),
            c => tag.push(c),
        }
    }
    tags.push(tag);
    tags
}

/// Tags in a cell, as [`tags`] reads them.
pub(super) fn written_tags(tags: &[String]) -> String {
    let tags = tags.iter().map(|tag| match tag.contains([',', ';', '"']) {
        true => format!("\"{}\"", tag.replace('"', "\"\"")),
        false => tag.clone(),
    });
    tags.collect::<Vec<_>>().join(", ")
}

impl Said {
    /// What is known of somebody once this is known, too: what it says nothing of stays; numbers
    /// and tags are added to those there are.
    ///
    /// # Errors
    /// When that is too much of something.
    pub(super) fn added_to(&self, known: &ContactDetails) -> Result<ContactDetails, Refusal> {
        let new = &self.details;
        let text = |new: &String, known: &String| match new.is_empty() {
            true => known.clone(),
            false => new.clone(),
        };
        let numbers = known.phones().chain(new.phones()).map(str::to_owned);
        let mut fields: Map<String, Value> = known.fields.clone();
        fields.extend(new.fields.clone());
        let all = ContactDetails {
            phone: None,
            more_phones: Vec::new(),
            name: text(&new.name, &known.name),
            email: new.email.clone().or(known.email.clone()),
            language: new.language.clone().or(known.language.clone()),
            vip: self.vip.unwrap_or(known.vip),
            blocked: self.blocked.unwrap_or(known.blocked),
            do_not_call: self.do_not_call.unwrap_or(known.do_not_call),
            tags: known.tags.iter().chain(&new.tags).cloned().collect(),
            notes: text(&new.notes, &known.notes),
            fields,
        };
        checked_with(all, numbers.collect()).map_err(Refusal::from)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::sheet;
    use super::*;

    fn read(text: &str) -> Vec<Result<Said, Refusal>> {
        let sheet = sheet::read(text.as_bytes()).unwrap();
        let plan = guess(&sheet);
        let lines = sheet.lines.iter();
        lines.map(|line| read_line(&plan, &line.cells)).collect()
    }

    #[test]
    fn columns_are_known_by_their_names_or_by_what_is_in_them() {
        let sheet = sheet::read(
            "Vorname;Nachname;Teléfono 1;E-Mail;Sprache;Etiquetas;Notizen;VIP;Tarif;Leer;Wer;Wo\n\
             Ana;García;+34 911 23 01 00;ana@example.com;es;gold;-;ja;Gold;;ben@example.com;+49 30 901820\n"
                .as_bytes(),
        );
        let plan = guess(&sheet.unwrap());
        let field = Column::Field("Tarif".to_owned());
        assert_eq!(
            plan.columns,
            [
                Column::Name,
                Column::Name,
                Column::Phone,
                Column::Email,
                Column::Language,
                Column::Tags,
                Column::Notes,
                Column::Vip,
                field,
                Column::Ignored,
                Column::Email,
                Column::Phone,
            ]
        );
    }

    #[test]
    fn a_line_is_read_as_people_write() {
        let text = "First name,Last name,Phone,Mobile,Tags,vip,json:visits,field:plan\n\
             Ana,García,\"tel:+34-911-23-01-00; 0034 612 345 678\",+34911230100,\"gold; \"\"a, b\"\"\",x,3,1\n";
        let said = read(text).pop().unwrap().unwrap();
        let details = said.details;
        assert_eq!(details.name, "Ana García");
        assert_eq!(details.phone.as_deref(), Some("+34911230100"));
        assert_eq!(details.more_phones, ["+34612345678"]);
        assert_eq!(details.tags, ["gold", "a, b"]);
        assert_eq!(written_tags(&details.tags), "gold, \"a, b\"");
        assert_eq!(said.vip, Some(true));
        assert_eq!(json!(details.fields), json!({"visits": 3, "plan": "1"}));
    }

    #[test]
    fn a_number_at_home_needs_its_country() {
        let cells = ["030 901820".to_owned()];
        let plan = |country: Option<&str>| ImportPlan {
            columns: vec![Column::Phone],
            country: country.map(str::to_owned),
        };
        assert_eq!(read_line(&plan(None), &cells), Err(Refusal::Phone));
        let said = read_line(&plan(Some("DE")), &cells).unwrap();
        assert_eq!(said.details.phone.as_deref(), Some("+4930901820"));
    }

    #[test]
    fn what_cannot_be_is_refused_and_why_is_said() {
        let long = "x".repeat(201);
        for (line, why) in [
            (",,,".to_owned() + "gold", Refusal::Nobody),
            ("Ana,call me,,".to_owned(), Refusal::Phone),
            ("Ana,+49 30 901820 ext 5,,".to_owned(), Refusal::Extension),
            ("Ana,,ana@,".to_owned(), Refusal::Email),
            (format!("{long},,,"), Refusal::TooLong),
            ("Ana,,,,five".to_owned(), Refusal::Cells),
        ] {
            let read = read(&format!("Name,Phone,Email,Tags\n{line}\n"));
            assert_eq!(read[0], Err(why), "{line}");
        }
        assert_eq!(read("Name,vip\nAna,perhaps\n")[0], Err(Refusal::YesOrNo));
        assert_eq!(read("Name,json:x\nAna,{\n")[0], Err(Refusal::Json));
        assert_eq!(read("Name,Sprache\nAna,en/us\n")[0], Err(Refusal::Language));
    }
}
