//! Contacts from a file: what was read of it, what would become of it, and what did.

use serde::{Deserialize, Serialize};

use crate::Page;
use crate::contacts::ContactDetails;

/// What a column of the file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", content = "name", rename_all = "snake_case")]
pub enum Column {
    /// Nothing that is wanted.
    Ignored,
    /// The name, or a part of it: parts are put together in their order.
    Name,
    /// A telephone number, or several. The first one there is becomes the one they are called by.
    Phone,
    /// The e-mail address.
    Email,
    /// The language (IETF tag).
    Language,
    /// Whether they are to be treated with particular care.
    Vip,
    /// Whether their calls are declined.
    Blocked,
    /// Whether they are not called.
    DoNotCall,
    /// Tags, with commas or semicolons between them.
    Tags,
    /// What the staff should know.
    Notes,
    /// The business's own field of this name, as a text.
    Field(String),
    /// The same, as JSON.
    Json(String),
}

/// How a file is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPlan {
    /// What each column is, in their order.
    pub columns: Vec<Column>,
    /// Where numbers without a country code are (ISO 3166-1 alpha-2); they are refused when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// The file is here, and nothing was done with it.
    Prepared,
    /// It is taken in.
    Running,
    /// It was taken in, but for what was refused.
    Done,
    /// Somebody stopped it: what was taken in stays.
    Cancelled,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// A file of contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactImport {
    /// Which one.
    pub id: String,
    /// What the file is called.
    pub file: String,
    /// What each column is called there.
    pub header: Vec<String>,
    /// How it is read: as it was guessed, until it is started.
    pub plan: ImportPlan,
    /// How far it is.
    pub state: ImportState,
    /// How many lines it has, without the header.
    pub total: u32,
    /// How many of them are done.
    pub done: u32,
    /// How many contacts were added.
    pub created: u32,
    /// How many lines changed one.
    pub changed: u32,
    /// How many lines were refused.
    pub refused: u32,
    /// When the file came (Unix ms).
    pub created_at: i64,
    /// When it was over (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
}

/// The last files, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportList {
    /// They.
    pub items: Vec<ContactImport>,
}

/// Why a line is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// There is neither a name nor a number nor an address.
    Nobody,
    /// A number is none, or lacks the code of its country.
    Phone,
    /// A number has an extension, which cannot be dialled.
    Extension,
    /// The address is none.
    Email,
    /// The language is no tag.
    Language,
    /// A text is too long.
    TooLong,
    /// There are too many tags, numbers or fields.
    TooMany,
    /// It fits more than one contact.
    Ambiguous,
    /// It has more cells than there are columns.
    Cells,
    /// What should be JSON is none.
    Json,
    /// What should be yes or no is neither.
    YesOrNo,
    /// Something this version does not know.
    #[serde(other)]
    Unknown,
}

/// A line that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// Where in the file it begins: the first line is 1.
    pub line: u32,
    /// Why.
    pub reason: Refusal,
    /// What is in it.
    pub cells: Vec<String>,
}

/// A page of what is refused, in the order of the file.
pub type RefusedPage = Page<RefusedLine>;

/// What would become of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// A contact more.
    New,
    /// A change of one.
    Changed,
    /// Nothing: it is known already.
    Same,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// A contact, as a line would leave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewLine {
    /// Where in the file it begins: the first line is 1.
    pub line: u32,
    /// What would become of it.
    pub fate: Fate,
    /// What would be known then.
    pub details: ContactDetails,
}

/// What would become of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPreview {
    /// How many contacts would be added.
    pub new: u32,
    /// How many lines would change one.
    pub changed: u32,
    /// How many lines say nothing new.
    pub same: u32,
    /// How many lines would be refused.
    pub refused: u32,
    /// What stands in each column, where anything does, for example.
    pub samples: Vec<String>,
    /// The first lines that would be taken.
    pub first: Vec<PreviewLine>,
    /// The first lines that would be refused.
    pub first_refused: Vec<RefusedLine>,
}
