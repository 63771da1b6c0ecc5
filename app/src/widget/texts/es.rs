//! Spanish.

use super::{
    Advice, BrowserTexts, FaultTexts, MoodTexts, NoticeTexts, PhaseTexts, SummaryTexts, Texts,
    TranscriptWords,
};

const AGAIN_SOON: &str = "Inténtelo de nuevo en unos minutos.";
const TELL_OWNER: &str = "Avise a los responsables de este sitio web o contáctelos por otra vía.";

pub(super) static TEXTS: Texts = Texts {
    default_title: "Llámenos",
    intro: "Hable con nuestro asistente",
    intro_note: "Hablará con un asistente de IA. Primero, su navegador le pedirá acceso al micrófono.",
    start_call: "Iniciar llamada",
    call_again: "Llamar de nuevo",
    mute: "Silenciar",
    unmute: "Activar micrófono",
    hang_up: "Colgar",
    close: "Cerrar",
    devices: "Audio",
    microphone: "Micrófono",
    speaker: "Altavoz",
    default_device: "Predeterminado del sistema",
    unnamed_device: "Dispositivo",
    tap_to_hear: "Toque para escuchar",
    phase: PhaseTexts {
        idle: "Listo",
        asking_microphone: "Solicitando el micrófono",
        connecting: "Conectando",
        live: "En llamada",
        reconnecting: "Reconectando",
        ended: "Llamada finalizada",
        failed: "Sin conexión",
    },
    mood: MoodTexts {
        allow: "Permita el micrófono cuando su navegador lo pregunte.",
        preparing: "Un momento, le estamos comunicando.",
        agent_speaks: "El asistente está hablando",
        listening: "Le escuchamos",
        muted: "Su micrófono está silenciado",
        reconnecting: "La conexión es débil. Espere un momento.",
    },
    transcript: TranscriptWords {
        label: "Transcripción",
        empty: "Aquí aparecerá lo que se diga.",
        unavailable: "Ahora no se puede mostrar la transcripción. Su llamada sigue con normalidad.",
        jump_to_latest: "Ir a lo último",
        agent: "Asistente",
        user: "Usted",
        transfer_target: "Colega",
        key_pressed: "Tecla pulsada:",
        text_message: "Mensaje de texto:",
    },
    notice: NoticeTexts {
        microphone_switched: "Su micrófono se desconectó. Ahora se usa otro.",
        microphone_lost: "Su micrófono se desconectó. Conecte uno o elija otro.",
        microphone_refused: "Ese micrófono no se puede usar. Se mantiene el anterior.",
        speaker_switched: "Su altavoz se desconectó. Ahora se usa el predeterminado del sistema.",
    },
    summary: SummaryTexts {
        label: "Resumen",
        duration: "Duración",
        you_hung_up: "Usted finalizó la llamada. Gracias por llamar.",
        agent_hung_up: "El asistente finalizó la llamada. Gracias por llamar.",
        over: "La llamada ha terminado. Gracias por llamar.",
        replaced: "La llamada continúa en otra ventana.",
        quiet_too_long: "La llamada terminó porque hubo un silencio prolongado.",
        longest_reached: "La llamada alcanzó su duración máxima.",
        transferred: "Su llamada fue transferida.",
        stopped: "Nuestro equipo finalizó la llamada.",
        agent_failed: "El asistente tuvo un problema técnico. Llame de nuevo, por favor.",
    },
    allow_microphone: BrowserTexts {
        chromium: "Haga clic en el icono a la izquierda de la barra de direcciones, permita el micrófono e inicie la llamada de nuevo.",
        chromium_android: "Toque el icono a la izquierda de la barra de direcciones, luego Permisos, permita el micrófono e inicie la llamada de nuevo.",
        firefox: "Haga clic en el micrófono tachado de la barra de direcciones, quite el bloqueo e inicie la llamada de nuevo.",
        safari: "En la barra de menús elija Safari, Ajustes para este sitio web, permita el micrófono e inicie la llamada de nuevo.",
        ios: "En la barra de direcciones abra el menú de la página, luego Configuración del sitio web, y permita el micrófono. Si sigue desactivado, permítalo para este navegador en la app Ajustes.",
        other: "Permita el micrófono para este sitio en los ajustes de su navegador e inicie la llamada de nuevo.",
    },
    fault: FaultTexts {
        microphone_denied: "El micrófono está bloqueado",
        microphone_missing: Advice {
            what: "No se encontró ningún micrófono",
            next: "Conecte un micrófono o auriculares e inicie la llamada de nuevo.",
        },
        microphone_busy: Advice {
            what: "El micrófono está en uso",
            next: "Cierre otros programas o pestañas que lo usen e inicie la llamada de nuevo.",
        },
        microphone_unsupported: Advice {
            what: "Este navegador no ofrece el micrófono aquí",
            next: "Abra esta página por https en un navegador actual.",
        },
        key_unknown: Advice {
            what: "Este botón de llamada no está bien configurado",
            next: TELL_OWNER,
        },
        key_disabled: Advice {
            what: "Aquí las llamadas están desactivadas",
            next: TELL_OWNER,
        },
        origin_not_allowed: Advice {
            what: "No se permiten llamadas desde este sitio web",
            next: TELL_OWNER,
        },
        nonce_invalid: Advice {
            what: "Esta página estuvo abierta demasiado tiempo",
            next: "Recargue la página y llame de nuevo.",
        },
        agent_unknown: Advice {
            what: "El asistente ya no existe",
            next: TELL_OWNER,
        },
        retell_unreachable: Advice {
            what: "No se puede contactar con el servicio telefónico",
            next: AGAIN_SOON,
        },
        retell_timeout: Advice {
            what: "El servicio telefónico tarda demasiado",
            next: AGAIN_SOON,
        },
        retell_unauthorized: Advice {
            what: "El servicio telefónico no aceptó este sitio web",
            next: TELL_OWNER,
        },
        retell_payment_required: Advice {
            what: "Las llamadas no están disponibles en este momento",
            next: TELL_OWNER,
        },
        retell_busy: Advice {
            what: "Todas las líneas están ocupadas",
            next: "Inténtelo de nuevo en un momento.",
        },
        retell_rejected: Advice {
            what: "No se pudo establecer la llamada",
            next: TELL_OWNER,
        },
        retell_failed: Advice {
            what: "El servicio telefónico tiene un problema",
            next: AGAIN_SOON,
        },
        rate_limited: Advice {
            what: "Demasiadas llamadas en poco tiempo",
            next: "Espere unos minutos antes de llamar de nuevo.",
        },
        store_unavailable: Advice {
            what: "Ahora no se pueden atender llamadas",
            next: AGAIN_SOON,
        },
        internal: Advice {
            what: "Algo falló de nuestro lado",
            next: AGAIN_SOON,
        },
        unreachable: Advice {
            what: "No se puede contactar con nosotros",
            next: "Compruebe su conexión a internet e inicie la llamada de nuevo.",
        },
        room_missing: Advice {
            what: "El asistente no atendió la llamada",
            next: "Inicie la llamada de nuevo.",
        },
        token_expired: Advice {
            what: "La conexión tardó demasiado",
            next: "Inicie la llamada de nuevo.",
        },
        rejected: Advice {
            what: "La llamada no fue aceptada",
            next: "Inicie la llamada de nuevo o use otro navegador.",
        },
        gateway_unreachable: Advice {
            what: "La llamada no logra conectar",
            next: "Compruebe su conexión a internet e inicie la llamada de nuevo.",
        },
        media_blocked: Advice {
            what: "Su red bloquea las llamadas",
            next: "Pruebe con otra red o desactive su VPN e inicie la llamada de nuevo.",
        },
        connection_lost: Advice {
            what: "Se perdió la conexión",
            next: "Compruebe su conexión a internet y llame de nuevo.",
        },
        browser_unable: Advice {
            what: "Este navegador no puede hacer llamadas",
            next: "Use una versión actual de Chrome, Edge, Firefox o Safari.",
        },
    },
};
