"""Small talk, and questions about Swath itself."""

from __future__ import annotations

from app.routing.plan import Subtype
from app.routing.rule import Rule, Table

_TALK = Table("small talk", "off_topic")
_PRODUCT = Table("product", "off_topic")

IMAGE_VERB = (
    r"(?:(?:help (?:me |us )?(?:to )?)?(?:see|look|take a look|have a look|work out|figure out"
    r"|find out"
    r"|paint|put|please|guess|suggest|recommend|evaluate|judge|interpret|rank|rate|tally|quantify"
    r"|recount|double.?check|re-?check|try|go|help (?:me |us )?(?:with|to)"
    r"|spot|find|detect|identif\w+|count|describe|caption|tell|show|locate"
    r"|estimate|measure|give"
    r"|recogni[sz]e|notice|make out|observe|say|mark|draw|outline|segment|highlight|list"
    r"|summari[sz]e"
    r"|explain|point|crop|zoom|calculate|compute|determine|check|name|distinguish|infer|provide"
    r"|generate|write|read|confirm|verify|compare|analy[sz]e|classify|annotate|label|assess))"
)
_GREETING = (
    r"(?:hi+|hello|hey+|hiya|howdy|yo|greetings|good (?:morning|evening|afternoon|day|night)"
    r"|welcome|namaste|hola|bonjour|bonsoir|salut|hallo|guten (?:tag|morgen|abend)|ciao|buongiorno"
    r"|ol[aá]|bom dia|boa tarde|merhaba|selam|halo|selamat (?:pagi|siang|malam)|salaam|salam"
    r"|привет|здравствуйте?|你好|您好|こんにちは|안녕(?:하세요)?|नमस्ते|مرحبا|السلام عليكم|שלום)"
)
_THANKS = (
    r"(?:thanks?(?: you)?|thank u|thx|ty|cheers|gracias|merci|danke|bedankt|dank je|grazie"
    r"|obrigad[oa]|te[sş]ekk[uü]r\w*|terima kasih|spasibo|спасибо|谢谢|謝謝"
    r"|(?:どうも)?ありがとう\w*|감사합니다|고마워\w*"
    r"|धन्यवाद|शुक्रिया|dhanyavaad|shukriya|شكرا\w*|شكراً)"
)
_PASSING = (
    r"(?:bye+|goodbye|see you|that is all|that's all|ok(?:ay)?"
    r"|cool|great|nice|awesome|perfect|wonderful|good (?:job|work|bot)|well done|got it"
    r"|i see|lol|haha+"
    r"|wow|yes|yep|yeah|no|nope|sure|never ?mind|stop|cancel|quit|exit|sorry|adi[oó]s"
    r"|au revoir|tsch[uü]ss|auf wiedersehen|arrivederci|пока|再见)"
)
_MORE = (
    rf"(?:{_GREETING}|{_THANKS}|{_PASSING}|there|all|everyone|friend|swath"
    r"|bot|again|so|very|much|a lot|lot|for|the|your|you|help|helpful|that|that's|is"
    r"|all|now|day"
    r"|was|all i need(?:ed)?|good|sch[oö]n|schon|beaucoup|mucho|mill?e|viel\w*|have a|de|le|"
    r"au|ll|to|everybody|sir|madam|man|dear|nice|answer|this)"
)


def _said(name: str, words: str, subtype: Subtype) -> Rule:
    """A rule for a message that begins with some words and has nothing else in it."""
    return _TALK.rule(name, rf"^\W*{words}(?:\W+{_MORE})*\W*$", subtype, whole=True)


SMALL_TALK: tuple[Rule, ...] = (
    _said("thanks", rf"(?:(?:{_PASSING}|so|very|many)\W+)*{_THANKS}", "thanks"),
    _said("a greeting", _GREETING, "greeting"),
    _said("a word in passing", _PASSING, "passing"),
    _TALK.rule(
        "small talk",
        r"^\W*(?:(?:hey|hi|hello|so|and|hola|hallo|bonjour|ol[aá]|ciao|salut"
        r"|привет)\W+)?(?:how are you|how is it going|how do you do|what is up"
        r"|sup|how was your day|nice to meet you|are you (?:there|ok|alive|human|real"
        r"|a (?:bot|robot"
        r"|human|person|machine)|an? ai)|qué tal|cómo estás|ça va|wie geht|come (?:stai"
        r"|va)|como vai"
        r"|tudo bem|как дела|kaise ho|aap kaise|apa kabar|nasılsın|how old are you|do you love"
        r"|do you like|are you happy)\b"
        r"|^i(?: am|'m| feel| love| hate| like)\b(?!.{0,40}\b(?:know|look|see|count|want)\w*\b)"
        r"(?:\W+[\w']+){0,7}\W*$",
        "greeting",
        whole=True,
    ),
)

PRODUCT: tuple[Rule, ...] = (
    _PRODUCT.rule(
        "about Swath itself",
        r"^(?:what|who|how) (?:can|are|do|does|is) (?:you|swath)(?: do| work| called"
        r"| able to do| here for"
        r"| know| made)?\W*$|^help\W*(?:me\W*)?$|^(?:who|what) (?:made|built|created"
        r"|trained|powers) you"
        r"|^how does (?:this|it|swath)(?: (?:thing|tool|service|app|bot|site))? work\W*$"
        r"|^why (?:are|were) you\b"
        r"|\bwhat (?:else )?(?:can|could) (?:you|i|swath) (?:do|ask|help)\b"
        r"|\b(?:which|what) (?:\w+ ){0,3}(?:do|can|does|are|is) (?:you|swath) (?:support"
        r"|accept|use|using"
        r"|run|running|handle|process|speak|based|offer|need|read|take|trained)\b"
        r"|\bhow (?:accurate|good|reliable|fast|smart|old|big|expensive) (?:are you|is swath"
        r"|is (?:your|the) (?:model|service|api))\b"
        r"|\b(?:you|your) (?:creators?|developers?|makers?|limits|limitations"
        r"|capabilit\w+|features|version|training|api"
        r"|name|price|pricing|privacy|license|licence|documentation|docs|source|code|model)\b"
        r"|\b(?:are|were) you (?:trained|built|based|made|able to (?:speak|work|process|handle))\b"
        r"|\bwhat (?:languages?|kinds? of (?:questions|tasks|images)|tasks"
        r"|questions) (?:can|do|may|are) "
        r"(?:you|i)\b|^what is swath\b|\bwhat can swath\b|\bwhat is your\b",
        "about_swath",
        whole=True,
        unless=r"\bhow (?:do|can|could|did|would) you (?:know|tell|see|say)\b"
        r"|\bwhat is your (?:estimate|guess|opinion|assessment|interpretation|best|count"
        r"|view)\b"
        r"|\bwhat do you (?:see|think)\b",
    ),
    _PRODUCT.rule(
        "using Swath",
        r"\bhow (?:do|can|should|to|would|could) (?:(?:i|we|one|you) )?(?:install|use"
        r"|deploy|call|upload"
        r"|send|attach|run|configure|set ?up|connect|get started|start|integrate|log ?in|sign"
        r"|authenticate|update|upgrade|pay|share|save|export|delete|cancel|reset)\b"
        r"|\b(?:is|are) (?:there|swath|it|your)\b.{0,30}\b(?:api|sdk|client|library"
        r"|documentation|free"
        r"|open.?source|tutorial|app|plugin|rate limit|price|subscription)\b"
        r"|\b(?:max(?:imum)?|largest|biggest) (?:upload|file|image|message"
        r"|request) (?:size|length)\b|\bare you (?:written|running|hosted|chatgpt"
        r"|gpt|claude|qwen|llama|gemini)\b|\b(?:file|upload|message) (?:size|type|format)s?\b"
        r"|\b(?:pricing|subscription|api key"
        r"|rate limits?|privacy policy|terms of service|refund"
        r"|my account|sign ?up|log ?in)\b|\bhow much does (?:it|this|swath|that"
        r"|the service|the api) cost\b"
        r"|\bdo(?:es)? (?:you|swath) (?:keep|store|save|support|remember|have|speak|work"
        r"|use|share|need"
        r"|cost|sell|know|understand|accept|offer|run)\b"
        r"|\bwhere (?:are|do|is) (?:my|you) (?:images?|data|store)\b"
        r"|\b(?:my|our) (?:data|privacy|(?:images?|photos?|pictures?|files?|uploads?))\b.{0,20}"
        r"\b(?:safe|secure|stored|kept|private|deleted|sold|training|confidential|encrypted)\b"
        r"|\bwhat (?:did|have|has) (?:i|you|we) (?:just )?(?:ask|say|said|told|tell|talk|discuss"
        r"|write)\w*",
        "about_swath",
        whole=True,
        unless=r"\bhow (?:do|can|could|did|would) you (?:know|tell|see|say)\b|\bdo you (?:know"
        r"|have any idea) (?:how|what|where|if|whether|which)\b"
        r"|\bdo you have (?:an? )?(?:estimate|idea|count)",
    ),
    _PRODUCT.rule(
        "what I may do",
        r"^(?:can|may|could|am|should|do) (?:i|we) (?:(?:able|allowed|need|have) to )?(?:upload|use"
        r"|send|ask|attach|try|share|import|load|connect|run|deploy|pay|download|integrate|change"
        r"|process|delete|add|chat|talk|save|export)\b"
        r"|\bis (?:this|the|your) (?:service|api|tool|app|model|bot|system|software) \w+\W*$",
        "about_swath",
        whole=True,
    ),
    _PRODUCT.rule(
        "what you can do, in a word",
        r"^(?:can|do|could|are) you (?:able to )?(?:also )?(?:count|measure|read|segment|draw"
        r"|detect|hear"
        r"|speak|think|learn|help)(?: (?:things|objects|images|pictures|numbers|text|me|us"
        r"|english))?\W*$",
        "about_swath",
        whole=True,
    ),
)

# Read late: "can you sharpen this" asks for the sharpening.
ABILITIES: tuple[Rule, ...] = (
    _PRODUCT.rule(
        "what you can do",
        r"^(?:hey |so |and )?(?:can|could|will|would|do|are|did|have"
        r"|were) you (?!(?:please |also |kindly "
        rf"|just |quickly |even |able to |still |actually )*{IMAGE_VERB}\b|sure|certain"
        r"|think|believe"
        r"|guess|know|confident|positive)",
        whole=True,
    ),
)
