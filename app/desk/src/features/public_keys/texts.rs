//! What the section of the public keys says.

use browser::ui::i18n::Lang;

/// What the section says, in one language.
#[derive(Debug)]
pub struct Texts {
    /// The section's name.
    pub title: &'static str,
    /// What they are for.
    pub hint: &'static str,
    /// There are none.
    pub empty: &'static str,
    /// What to do about it.
    pub empty_hint: &'static str,
    /// Makes a key.
    pub create: &'static str,
    /// Changes a key.
    pub edit: &'static str,
    /// Leaves the form.
    pub close: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What visitors read.
    pub panel_title: &'static str,
    /// The agents.
    pub agents: &'static str,
    /// How they are entered.
    pub agents_hint: &'static str,
    /// The pages.
    pub origins: &'static str,
    /// How they are entered.
    pub origins_hint: &'static str,
    /// The variables a page may set.
    pub variables: &'static str,
    /// How they are entered.
    pub variables_hint: &'static str,
    /// Calls in the browser.
    pub voice: &'static str,
    /// Call-backs.
    pub callback: &'static str,
    /// A limit.
    pub per_minute: &'static str,
    /// A limit.
    pub per_ip: &'static str,
    /// A limit.
    pub minutes: &'static str,
    /// A limit.
    pub concurrent: &'static str,
    /// What visitors get while the business is closed.
    pub out_of_hours: &'static str,
    /// They can call.
    pub hours_call: &'static str,
    /// They can ask to be called.
    pub hours_callback: &'static str,
    /// They read when it opens.
    pub hours_closed: &'static str,
    /// Where the hours are.
    pub hours_hint: &'static str,
    /// Whose numbers are called back.
    pub countries: &'static str,
    /// How they are entered.
    pub countries_hint: &'static str,
    /// A limit.
    pub callbacks_per_day: &'static str,
    /// What an empty field means.
    pub no_limit: &'static str,
    /// The captcha.
    pub captcha: &'static str,
    /// There is none.
    pub no_captcha: &'static str,
    /// Its public key.
    pub site_key: &'static str,
    /// Its secret.
    pub captcha_secret: &'static str,
    /// What an empty field means.
    pub secret_stays: &'static str,
    /// How the panel looks.
    pub look: &'static str,
    /// That a page can say otherwise.
    pub look_hint: &'static str,
    /// The accent colour.
    pub accent: &'static str,
    /// How it is entered.
    pub accent_hint: &'static str,
    /// Light or dark.
    pub theme: &'static str,
    /// As the visitor's browser has it.
    pub theme_auto: &'static str,
    /// Always light.
    pub theme_light: &'static str,
    /// Always dark.
    pub theme_dark: &'static str,
    /// How round corners are.
    pub radius: &'static str,
    /// How it is entered.
    pub radius_hint: &'static str,
    /// The font.
    pub font: &'static str,
    /// How it is entered.
    pub font_hint: &'static str,
    /// The picture in the panel's head.
    pub logo: &'static str,
    /// How it is entered.
    pub logo_hint: &'static str,
    /// Switches it off.
    pub off: &'static str,
    /// The form is not complete.
    pub incomplete: &'static str,
    /// The server does not take a value.
    pub refused: &'static str,
    /// Minutes of today.
    pub today: &'static str,
    /// When it was last used.
    pub used: &'static str,
    /// It was not used.
    pub never: &'static str,
    /// Whether it works.
    pub state: &'static str,
    /// It works.
    pub works: &'static str,
    /// It works until a time.
    pub until: &'static str,
    /// Its time is over.
    pub expired: &'static str,
    /// What can be done.
    pub actions: &'static str,
    /// Replaces it.
    pub rotate: &'static str,
    /// Asks whether to.
    pub rotate_title: &'static str,
    /// What it would do.
    pub rotate_text: &'static str,
    /// The code for the page.
    pub snippet: &'static str,
}

impl Texts {
    /// The words in a language.
    #[must_use]
    pub fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Es => &ES,
            Lang::De => &DE,
        }
    }
}

static EN: Texts = Texts {
    title: "Public keys",
    hint: "A public key puts the call button on your website. It works on the pages you name, and nowhere else.",
    empty: "No public keys yet",
    empty_hint: "Create one to put the call button on a page.",
    create: "Create public key",
    edit: "Edit",
    close: "Close",
    name: "Name",
    panel_title: "Title visitors see",
    agents: "Agents",
    agents_hint: "Retell agent ids, one a line. The first is the default.",
    origins: "Websites",
    origins_hint: "One a line, such as https://www.example.com or https://*.example.com for every subdomain.",
    variables: "Variables the page may set",
    variables_hint: "One a line.",
    voice: "Voice calls",
    callback: "Call-backs",
    per_minute: "Calls a minute",
    per_ip: "Calls a minute from one address",
    minutes: "Minutes of calls a day",
    concurrent: "Calls at a time",
    out_of_hours: "Outside business hours",
    hours_call: "Take calls all the same",
    hours_callback: "Offer call-backs only",
    hours_closed: "Say when it opens again",
    hours_hint: "The hours are set under Business.",
    countries: "Countries that are called back",
    countries_hint: "Two-letter codes such as DE, ES. Empty: the business’s own country. Premium and shared-cost numbers are never called.",
    callbacks_per_day: "Call-backs within 24 hours",
    no_limit: "Leave empty for no limit.",
    captcha: "Captcha",
    no_captcha: "None",
    site_key: "Captcha site key",
    captcha_secret: "Captcha secret",
    secret_stays: "Leave empty to keep the present one.",
    look: "Look of the panel",
    look_hint: "What the code on a page says comes first.",
    accent: "Accent colour",
    accent_hint: "Such as #0a6b5c. It is moved as far as it takes to stay readable.",
    theme: "Light or dark",
    theme_auto: "As the visitor’s browser has it",
    theme_light: "Always light",
    theme_dark: "Always dark",
    radius: "Corner radius",
    radius_hint: "Such as 4px or 1rem.",
    font: "Font",
    font_hint: "One the visitors’ systems have, such as Georgia, serif.",
    logo: "Address of the logo",
    logo_hint: "An https address of a square picture.",
    off: "Switched off",
    incomplete: "Please give a name, an agent, a website and a mode; limits are whole numbers above zero.",
    refused: "A value is not possible. Please check the websites and the captcha.",
    today: "Minutes today",
    used: "Last used",
    never: "Never",
    state: "State",
    works: "Active",
    until: "Active until",
    expired: "Expired",
    actions: "Actions",
    rotate: "Replace",
    rotate_title: "Replace this key by a new one?",
    rotate_text: "The new key has the same settings. The present one works for another week.",
    snippet: "Code for your page",
};

static ES: Texts = Texts {
    title: "Claves públicas",
    hint: "Una clave pública pone el botón de llamada en su sitio web. Funciona en las páginas que indique y en ninguna otra.",
    empty: "Aún no hay claves públicas",
    empty_hint: "Cree una para poner el botón de llamada en una página.",
    create: "Crear clave pública",
    edit: "Editar",
    close: "Cerrar",
    name: "Nombre",
    panel_title: "Título que ven los visitantes",
    agents: "Agentes",
    agents_hint: "Ids de agente de Retell, uno por línea. El primero es el predeterminado.",
    origins: "Sitios web",
    origins_hint: "Uno por línea, como https://www.example.com o https://*.example.com para todos los subdominios.",
    variables: "Variables que la página puede fijar",
    variables_hint: "Una por línea.",
    voice: "Llamadas de voz",
    callback: "Devolución de llamada",
    per_minute: "Llamadas por minuto",
    per_ip: "Llamadas por minuto desde una dirección",
    minutes: "Minutos de llamadas al día",
    concurrent: "Llamadas a la vez",
    out_of_hours: "Fuera del horario de atención",
    hours_call: "Atender llamadas igualmente",
    hours_callback: "Ofrecer solo que se les llame",
    hours_closed: "Decir cuándo se vuelve a abrir",
    hours_hint: "El horario se fija en Empresa.",
    countries: "Países a los que se llama",
    countries_hint: "Códigos de dos letras como DE, ES. Vacío: el país de la empresa. Nunca se llama a números de tarificación especial.",
    callbacks_per_day: "Llamadas solicitadas en 24 horas",
    no_limit: "Déjelo vacío para no limitar.",
    captcha: "Captcha",
    no_captcha: "Ninguno",
    site_key: "Clave de sitio del captcha",
    captcha_secret: "Secreto del captcha",
    secret_stays: "Déjelo vacío para conservar el actual.",
    look: "Aspecto del panel",
    look_hint: "Lo que diga el código de la página tiene prioridad.",
    accent: "Color de acento",
    accent_hint: "Por ejemplo #0a6b5c. Se ajusta lo necesario para que se lea bien.",
    theme: "Claro u oscuro",
    theme_auto: "Como lo tenga el navegador del visitante",
    theme_light: "Siempre claro",
    theme_dark: "Siempre oscuro",
    radius: "Radio de las esquinas",
    radius_hint: "Por ejemplo 4px o 1rem.",
    font: "Tipo de letra",
    font_hint: "Una que tengan los sistemas de los visitantes, como Georgia, serif.",
    logo: "Dirección del logotipo",
    logo_hint: "La dirección https de una imagen cuadrada.",
    off: "Desactivada",
    incomplete: "Indique un nombre, un agente, un sitio web y un modo; los límites son números enteros mayores que cero.",
    refused: "Un valor no es posible. Revise los sitios web y el captcha.",
    today: "Minutos hoy",
    used: "Último uso",
    never: "Nunca",
    state: "Estado",
    works: "Activa",
    until: "Activa hasta",
    expired: "Caducada",
    actions: "Acciones",
    rotate: "Sustituir",
    rotate_title: "¿Sustituir esta clave por una nueva?",
    rotate_text: "La nueva clave tiene los mismos ajustes. La actual funciona una semana más.",
    snippet: "Código para su página",
};

static DE: Texts = Texts {
    title: "Öffentliche Schlüssel",
    hint: "Ein öffentlicher Schlüssel bringt die Anruftaste auf Ihre Website. Er funktioniert auf den Seiten, die Sie nennen, und sonst nirgends.",
    empty: "Noch keine öffentlichen Schlüssel",
    empty_hint: "Erstellen Sie einen, um die Anruftaste auf eine Seite zu bringen.",
    create: "Öffentlichen Schlüssel erstellen",
    edit: "Bearbeiten",
    close: "Schließen",
    name: "Name",
    panel_title: "Titel, den Besucher sehen",
    agents: "Agenten",
    agents_hint: "Agenten-IDs von Retell, eine pro Zeile. Die erste ist die Vorgabe.",
    origins: "Websites",
    origins_hint: "Eine pro Zeile, etwa https://www.example.com oder https://*.example.com für alle Subdomains.",
    variables: "Variablen, die die Seite setzen darf",
    variables_hint: "Eine pro Zeile.",
    voice: "Sprachanrufe",
    callback: "Rückrufe",
    per_minute: "Anrufe pro Minute",
    per_ip: "Anrufe pro Minute von einer Adresse",
    minutes: "Gesprächsminuten pro Tag",
    concurrent: "Gleichzeitige Anrufe",
    out_of_hours: "Außerhalb der Öffnungszeiten",
    hours_call: "Trotzdem Anrufe annehmen",
    hours_callback: "Nur Rückrufe anbieten",
    hours_closed: "Sagen, wann wieder geöffnet ist",
    hours_hint: "Die Zeiten stehen unter Unternehmen.",
    countries: "Länder, die zurückgerufen werden",
    countries_hint: "Zweibuchstabige Kürzel wie DE, ES. Leer: das Land des Unternehmens. Mehrwertnummern werden nie angerufen.",
    callbacks_per_day: "Rückrufe innerhalb von 24 Stunden",
    no_limit: "Leer lassen für keine Grenze.",
    captcha: "Captcha",
    no_captcha: "Keines",
    site_key: "Websiteschlüssel des Captchas",
    captcha_secret: "Geheimnis des Captchas",
    secret_stays: "Leer lassen, um das jetzige zu behalten.",
    look: "Aussehen des Fensters",
    look_hint: "Was der Code einer Seite sagt, geht vor.",
    accent: "Akzentfarbe",
    accent_hint: "Etwa #0a6b5c. Sie wird so weit verschoben, dass alles lesbar bleibt.",
    theme: "Hell oder dunkel",
    theme_auto: "Wie im Browser des Besuchers",
    theme_light: "Immer hell",
    theme_dark: "Immer dunkel",
    radius: "Eckenradius",
    radius_hint: "Etwa 4px oder 1rem.",
    font: "Schrift",
    font_hint: "Eine, die Besucher auf ihrem System haben, etwa Georgia, serif.",
    logo: "Adresse des Logos",
    logo_hint: "Die https-Adresse eines quadratischen Bildes.",
    off: "Ausgeschaltet",
    incomplete: "Bitte geben Sie Namen, Agent, Website und Art an; Grenzen sind ganze Zahlen über null.",
    refused: "Ein Wert ist nicht möglich. Bitte prüfen Sie Websites und Captcha.",
    today: "Minuten heute",
    used: "Zuletzt benutzt",
    never: "Nie",
    state: "Zustand",
    works: "Aktiv",
    until: "Aktiv bis",
    expired: "Abgelaufen",
    actions: "Aktionen",
    rotate: "Ersetzen",
    rotate_title: "Diesen Schlüssel durch einen neuen ersetzen?",
    rotate_text: "Der neue Schlüssel hat dieselben Einstellungen. Der jetzige funktioniert noch eine Woche.",
    snippet: "Code für Ihre Seite",
};
