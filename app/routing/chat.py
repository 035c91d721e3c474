"""What is not about the image: steering, small talk, the product, general knowledge."""

from __future__ import annotations

import re

from app.routing.domain import SEEN_FROM_ABOVE
from app.routing.rule import Rule, Table
from app.routing.words import BE, SCENE, THIS_SCENE

_STEER = Table("steering", "off_topic")
_TALK = Table("small talk", "off_topic")
_PRODUCT = Table("product", "off_topic")
_WORLD = Table("knowledge", "off_topic")

IMAGE_VERB = (
    r"(?:see|spot|find|detect|identif\w+|count|describe|caption|tell|show|locate|estimate|measure|give"
    r"|recogni[sz]e|notice|make out|observe|say|mark|draw|outline|segment|highlight|list|summari[sz]e"
    r"|explain|point|crop|zoom|calculate|compute|determine|check|name|distinguish|infer|provide"
    r"|generate|write|read|confirm|verify|compare|analy[sz]e|classify|annotate|label|assess)"
)
ABOUT_IMAGE = (
    rf"\b(?:here|this|these|visible|shown|in view|{THIS_SCENE}|in (?:an? )?{SCENE}|top|bottom|left"
    r"|right|upper|lower|cent(?:er|re)|corner|the (?!world\b|earth\b|moon\b|sun\b|universe\b|us\b"
    r"|united\b|history\b|best\b|capital\b|president\b|population of\b|difference\b|meaning\b))"
)

PERSONA = re.compile(
    r"\byou are (?:now|no longer|not) (?!sure|certain|right|correct)"
    r"|\b(?:pretend|imagine) (?:that )?(?:you|to be)\b|\bact (?:as|like)\b|\bdeveloper mode\b"
    r"|\bjailbr(?:eak|oken)\b|\bdo anything now\b|\bno (?:restrictions|limits|filters)\b"
    r"|\brole ?play\b|\bfrom now on,? you\b|\bwithout (?:any )?(?:rules|restrictions|filters|limits)\b"
    r"|^you are an? (?:\w+ ){0,3}(?:ai|assistant|model|bot|pirate|hacker|expert|cat|robot|human|person)\b"
)

STEERING: tuple[Rule, ...] = (
    _STEER.rule("another role for the router", PERSONA.pattern, whole=True),
    _STEER.rule(
        "instructions to the router",
        r"\b(?:ignor\w+|disregard\w*|forget|override|bypass|discard|drop|skip) .{0,30}\b(?:instructions?"
        r"|prompts?|rules?|guidelines?|polic(?:y|ies)|constraints|restrictions|safety|programming"
        r"|everything (?:you|above|before|i|that)|(?:all|the) (?:above|previous|prior))\b"
        r"|\b(?:ignor\w+|ignora|ignoriere|ignorez|ignore[zr]?)\b.{0,40}\b(?:instrucciones|instructions"
        r"|anweisungen|instruções|istruzioni)|игнорируй|忽略.{0,12}(?:指令|指示|规则|提示)|無視",
        whole=True,
    ),
    _STEER.rule(
        "a secret asked for",
        r"\b(?:reveal|print|show|output|leak|repeat|tell|give|display|dump|expose|send|write|what is"
        r"|what are)\b.{0,40}\b(?:(?:system|hidden|initial|original|secret) (?:prompts?|instructions?"
        r"|messages?)|(?:your|the) (?:prompts?|instructions|configuration|config|source code)"
        r"|text above|words above|api[ _-]?keys?|passwords?|secrets?|environment variables|env(?:ironment)? vars?"
        r"|credentials|access tokens?)\b",
        whole=True,
    ),
    _STEER.rule(
        "words put into the mouth",
        r"^(?:please )?(?:respond|reply|answer|say|print|output|repeat|write)\b.{0,24}\b(?:the (?:exact )?(?:words?|phrase|string)"
        r"|after me|verbatim|exactly)\b",
        whole=True,
        unless=r"\b(?:yes|no|true|count|number)\b|\b(?:sign|roof|image|picture)\b",
    ),
    _STEER.rule(
        "a route asked for",
        r"^(?:system|assistant|developer|admin|root)\s*[:>\]]|<\|?/?(?:im_start|im_end|system|inst|s)\b"
        r"|\[/?inst\]|\broute (?:this|every|all|the|my|it)\b|\bvqa_type\b|\btask\s*=|\boff[_-]topic\b"
        r"|\b(?:classify|treat|label|handle|route|mark) (?:this|the|my) (?:message|query|question"
        r"|request|text) as\b|\b(?:call|use|invoke|run) (?:the |your )?(?:tool|function|shell|bash)s?\b"
        r"|\b(?:follow|obey|execute|do what) .{0,30}\b(?:instructions?|written|sign|text) .{0,20}\b"
        rf"(?:in|on|inside) (?:the|this|that) {SCENE}",
        whole=True,
    ),
    _STEER.rule(
        "code",
        r"\b(?:drop|alter|truncate) table\b|\bselect\b.{1,60}\bfrom\b.{1,40}(?:where|;|$)|\binsert into\b"
        r"|\bunion (?:all )?select\b|<script|javascript:|\brm -rf\b|\$\(|\{\{.{0,60}\}\}|\.\./\.\./"
        r"|\bimport os\b|\beval\(|/etc/passwd|\bsudo\b",
        whole=True,
        unless=r"\bselect .{0,30}\b(?:ship|building|area|image)s?\b",
    ),
)

_GREETING = (
    r"(?:hi+|hello|hey+|hiya|howdy|yo|greetings|good (?:morning|evening|afternoon|day|night)"
    r"|welcome|namaste|hola|bonjour|bonsoir|salut|hallo|guten (?:tag|morgen|abend)|ciao|buongiorno"
    r"|ol[aá]|bom dia|boa tarde|merhaba|selam|halo|selamat (?:pagi|siang|malam)|salaam|salam"
    r"|привет|здравствуйте?|你好|您好|こんにちは|안녕(?:하세요)?|नमस्ते|مرحبا|السلام عليكم|שלום)"
)
_THANKS = (
    r"(?:thanks?(?: you)?|thank u|thx|ty|cheers|bye+|goodbye|see you|that is all|that's all|ok(?:ay)?"
    r"|cool|great|nice|awesome|perfect|wonderful|good (?:job|work|bot)|well done|got it|i see|lol|haha+"
    r"|wow|yes|yep|yeah|no|nope|sure|never ?mind|stop|cancel|quit|exit|sorry|gracias|adi[oó]s|merci"
    r"|au revoir|danke|tsch[uü]ss|auf wiedersehen|bedankt|dank je|grazie|arrivederci|obrigad[oa]"
    r"|te[sş]ekk[uü]r\w*|terima kasih|spasibo|спасибо|пока|谢谢|謝謝|再见|ありがとう\w*|감사합니다"
    r"|고마워\w*|धन्यवाद|शुक्रिया|dhanyavaad|shukriya|شكرا\w*|شكراً)"
)
SMALL_TALK: tuple[Rule, ...] = (
    _TALK.rule(
        "greeting or thanks",
        rf"^\W*(?:{_GREETING}|{_THANKS})(?:\W+(?:{_GREETING}|{_THANKS}|there|all|everyone|friend|swath"
        r"|bot|again|so|very|much|a lot|lot|for|the|your|you|help|helpful|that|that's|is|all|now|day"
        r"|was|all i need(?:ed)?|good|sch[oö]n|schon|beaucoup|mucho|mill?e|viel\w*|have a|de|le|"
        r"au|ll|to|everybody|sir|madam|man|dear|nice|answer|this))*\W*$",
        whole=True,
    ),
    _TALK.rule(
        "small talk",
        r"^\W*(?:(?:hey|hi|hello|so|and|hola|hallo|bonjour|ol[aá]|ciao|salut|привет)\W+)?(?:how are you|how is it going|how do you do|what is up"
        r"|sup|how was your day|nice to meet you|are you (?:there|ok|alive|human|real|a (?:bot|robot"
        r"|human|person|machine)|an? ai)|qué tal|cómo estás|ça va|wie geht|come (?:stai|va)|como vai"
        r"|tudo bem|как дела|kaise ho|aap kaise|apa kabar|nasılsın|how old are you|do you love"
        r"|do you like|are you happy)\b"
        r"|^i(?: am|'m| feel| love| hate| like)\b(?!.{0,40}\b(?:know|look|see|count|want)\w*\b)",
        whole=True,
    ),
)

PRODUCT: tuple[Rule, ...] = (
    _PRODUCT.rule(
        "about Swath itself",
        r"^(?:what|who|how) (?:can|are|do|does|is) (?:you|swath)(?: do| work| called| able to do| here for"
        r"| know| made)?\W*$|^help\W*(?:me\W*)?$|^(?:who|what) (?:made|built|created|trained|powers) you"
        r"|\bwhat (?:else )?(?:can|could) (?:you|i|swath) (?:do|ask|help)\b"
        r"|\b(?:which|what) (?:\w+ ){0,3}(?:do|can|does|are|is) (?:you|swath) (?:support|accept|use|using"
        r"|run|running|handle|process|speak|based|offer|need|read|take|trained)\b"
        r"|\bhow (?:accurate|good|reliable|fast|smart|old|big|expensive) (?:are you|is swath"
        r"|is (?:your|the) (?:model|service|api))\b"
        r"|\b(?:you|your) (?:creators?|developers?|makers?|limits|limitations|capabilit\w+|features|version|training|api"
        r"|name|price|pricing|privacy|license|licence|documentation|docs|source|code|model)\b"
        r"|\b(?:are|were) you (?:trained|built|based|made|able to (?:speak|work|process|handle))\b"
        r"|\bwhat (?:languages?|kinds? of (?:questions|tasks|images)|tasks|questions) (?:can|do|may|are) "
        r"(?:you|i)\b|^what is swath\b|\bwhat can swath\b|\bwhat is your\b",
        whole=True,
        unless=r"\bwhat is your (?:estimate|guess|opinion|assessment|interpretation|best|count|view)\b"
        r"|\bwhat do you (?:see|think)\b",
    ),
    _PRODUCT.rule(
        "using Swath",
        r"\bhow (?:do|can|should|to|would|could) (?:(?:i|we|one|you) )?(?:install|use|deploy|call|upload"
        r"|send|attach|run|configure|set ?up|connect|get started|start|integrate|log ?in|sign"
        r"|authenticate|update|upgrade|pay|share|save|export|delete|cancel|reset)\b"
        r"|\b(?:is|are) (?:there|swath|it|your)\b.{0,30}\b(?:api|sdk|client|library|documentation|free"
        r"|open.?source|tutorial|app|plugin|rate limit|price|subscription)\b"
        r"|\b(?:max(?:imum)?|largest|biggest) (?:upload|file|image|message|request) (?:size|length)\b|\bare you (?:written|running|hosted|chatgpt"
        r"|gpt|claude|qwen|llama|gemini)\b|\b(?:pricing|subscription|api key|rate limits?|privacy policy|terms of service|refund"
        r"|my account|sign ?up|log ?in)\b|\bhow much does (?:it|this|swath|that|the service|the api) cost\b"
        r"|\bdo(?:es)? (?:you|swath) (?:keep|store|save|support|remember|have|speak|work|use|share|need"
        r"|cost|sell|know|understand|accept|offer|run)\b"
        r"|\bwhere (?:are|do|is) (?:my|you) (?:images?|data|store)\b",
        whole=True,
        unless=r"\bdo you (?:know|have any idea) (?:how|what|where|if|whether|which)\b"
        r"|\bdo you have (?:an? )?(?:estimate|idea|count)",
    ),
    _PRODUCT.rule(
        "what you can do",
        rf"^(?:hey |so |and )?(?:can|could|will|would|do|are|did|have|were) you (?!(?:please |also |kindly "
        rf"|just |quickly |even |able to |still |actually )*{IMAGE_VERB}\b|sure|certain|think|believe"
        r"|guess|know|confident|positive)",
        whole=True,
    ),
)

_THINGS_OF_THE_WORLD = (
    r"(?:weather|forecast|temperature (?:in|outside|tomorrow|today)|capital(?: city)? of|prime minister"
    r"|president of|population of (?!th[ie]s?\b)|stock (?:price|market)|bitcoin|recipe|movies?|songs?"
    r"|lyrics|football match|world cup|olympics|jokes?|poems?|poetry|haiku|stor(?:y|ies)\b(?<!two stor)"
    r"|essay|e-?mail|python|javascript|java\b|sql|html|bash|homework|exam|restaurants?|hotels?"
    r"|flights?|president|jupiter|mars\b|saturn|pluto|venus|galaxy|universe|black hole|quantum|physics"
    r"|chemistry|philosoph\w+|god\b|religion|love\b|girlfriend|boyfriend|dinner|lunch|breakfast|cook"
    r"|calor\w+|diet|medicine|doctor|headache|dog breed|netflix|spotify|birthday|horoscope|lottery"
    r"|meaning of life|(?:first|second) world war|world war|revolution|shakespeare|einstein|napoleon"
    r"|mona lisa|square root|derivative|integral of|prime numbers?|what time is it|today's date"
    r"|what (?:day|date) is|the news|leap year|speed of light|explosives?|bombs?\b|drugs|hack(?:ing)?"
    r"|malware|weapons?|dollars|euros?|exchange rate|translat\w+ .{0,60}\b(?:to|into|in) \w+"
    r"|moons?\b|earth'?s? (?:flat|round|diameter|circumference|radius|mass)|is the earth"
    r"|\bcontinents\b|the sky\b|rainbows?|stars\b|alarm|vacation|horoscope|in the world|on earth|of all time|in history|world'?s)"
)
KNOWLEDGE: tuple[Rule, ...] = (
    _WORLD.rule("arithmetic", r"\d\s*(?:[*x×+/^÷]|times|plus|minus|divided by)\s*\d+\W*$"),
    _WORLD.rule(
        "how to do something",
        r"^(?:describe|explain|tell me|write|show me|give me|list)?\s*(?:instructions (?:on|for)|steps to|a guide to)?"
        r"\s*how (?:to|do i|do we|do you|can i|can we|should i|does one|do people)\b"
        r"|^(?:should|shall|may|must) i\b|\b(?:should|can|could|where can) i (?:buy|get|find|download|learn"
        r"|invest|study|eat|visit)\b",
    ),
    _WORLD.rule(
        "what a word means",
        rf"^what (?:do|does|is|are) .{{1,60}}\b(?:stands? for|meant by|short for|the meaning of)\b|^what (?:do|does) (?!this|the|that|these)[^,]{{1,40}} mean\b"
        rf"|^(?:define|definition of|meaning of|wikipedia)\b|^(?:what|who) (?:is|are) an? (?!{SCENE})[\w-]+"
        r"(?: (?!(?:the|this|here|visible|in|on|at|near|that)\b)[\w-]+){0,4}\W*$"
        r"|^(?:explain|what is) the (?:difference|concept|theory|principle|meaning|history)\b.{0,20}"
        r"\b(?:between|of|behind)\b",
        unless=rf"{SCENE}\b|\bdifference between (?:the|these|those|this)\b",
    ),
    _WORLD.rule(
        "general knowledge",
        rf"\b{_THINGS_OF_THE_WORLD}",
        unless=r"\bwhich (?:continent|country|city)|\bstor(?:y|ies) (?:of )?(?:build|house|tall|high)"
        rf"|\b(?:in|of|from|by) (?:{THIS_SCENE})|\b(?:hotels?|restaurants?|weapons?|bombs?) (?:visible|here|in th)"
        r"|^(?:is|are) there|^how many|^count|\b(?:for|of) (?:this|the) (?:area|region|place|scene)",
    ),
    _WORLD.rule(
        "how many, of the world",
        r"\bhow (?:many|much|long|far|old|tall|high|big|large)\b.{0,60}\b(?:do|does|did) (?:an? )?(?!the\b|this\b"
        r"|that\b|it\b|they\b|you\b|each\b|these\b|those\b|one\b|i\b|we\b)[\w-]+ (?:have|take|live|weigh|cost|last|need)\b"
        r"|\bhow many (?:days|weeks|months|hours|minutes|seconds|years|planets|moons|continents|bits|bytes"
        r"|letters|legs|calories|grams|countries (?:are|in|does)|world cups|states (?:are|in)|bones)\b"
        r"|\bhow (?:far|big|large|old|hot) is (?:the )?(?:moon|sun|earth|mars|jupiter|universe)\b",
        unless=rf"{SCENE}\b|\bhere\b|\bvisible\b|\bflags\b",
    ),
    _WORLD.rule(
        "of a country",
        r"\b(?:in|of|does|from) (?:the )?(?:germany|france|india|china|japan|brazil|spain|italy|england|britain|uk|us|usa|united states|america"
        r"|canada|mexico|russia|australia|africa|europe|asia|egypt|turkey|norway|sweden|poland|netherlands|indonesia|kenya|nigeria"
        r"|antarctica|california|texas|new york|london|paris|berlin|tokyo|delhi|mumbai|beijing)\b(?=\W*$| have\b)",
        unless=rf"{SCENE}\b|\bhere\b|\bvisible\b|\b(?:this|it|these)\b",
    ),
    _WORLD.rule(
        "who or when",
        r"^who (?:is|was|were|are|won|invented|discovered|wrote|painted|made|built|founded|directed|owns)\b"
        r"|^when (?:is|was|did|were|will)\b|^(?:what|which) year (?:did|was)\b",
        unless=rf"{ABOUT_IMAGE.replace('|the (?!', '|xx(?:')}|{SCENE}\b|\b(?:taken|captured|acquired)\b",
    ),
    _WORLD.rule(
        "advice and products",
        r"\b(?:best|cheapest|recommended|good|which|what|most) (?:\w+ )?(?:satellites?|sensors?|drones?|cameras?"
        r"|software|library|libraries|datasets?|model|laptop|phone|book|course|tool|gpu)\b"
        r"(?=.{0,60}(?:\bfor\b|\bto\b|\bshould\b|\bbuy\b|\buse\b|\?|$))"
        r"|^(?:recommend|suggest) (?:me )?(?:an? )\b"
        r"|\b(?:resolution|revisit time|bands?|orbit|launch\w*|swath width) (?:of|does|do|is|was) "
        r"(?:the )?(?:sentinel|landsat|modis|spot|worldview|planet|pleiades|ikonos|quickbird|naip)\b"
        r"|\b(?:sentinel|landsat|modis)(?:[- ]?\d\w?)? (?:and|or|vs|versus) (?:sentinel|landsat|modis)",
        unless=rf"\b(?:taken|captured|acquired|took|made|recorded) (?:by|with|from)|{THIS_SCENE}"
        r"|\btook\b|\bvisible\b|\bhere\b",
    ),
    _WORLD.rule(
        "something to be written",
        r"^(?:write|compose|draft|create|code|implement|generate|make) (?:me )?(?:an? |some |the )?"
        r"(?:python|javascript|java|c\+\+|sql|html|bash|short|long|funny|love|cover)?\s*(?:functions?"
        r"|code|program|script|class|poem|song|story|letter|e-?mail|essay|joke|article|blog|tweet|app"
        r"|website|recipe|speech|haiku|novel|test|regex|query)\b",
        unless=rf"\b(?:about|of|for|from|on) {THIS_SCENE}",
    ),
)

NOTHING_SEEN: tuple[Rule, ...] = (
    _WORLD.rule(
        "nothing that is seen from above",
        r"^(?:what|which|who|how(?! many\b)|why|when|where|is|are|does|do|did|was|were|will|should|explain|tell|give|teach"
        r"|recommend|suggest|write|play|sing|book|order|solve|remind|set|turn|call|send|create|make|translate)\b.{6}",
        unless=rf"{ABOUT_IMAGE}|\b{SEEN_FROM_ABOVE}\b|\b(?:there|it|they|them|its|their|any|that|those|each|both|present|located|found"
        r"|everything|anything|something|you|one|percent(?:age)?|fraction|share|proportion|covered|captions?|descriptions?|summar(?:y|ies)|report|overview|account|alt.?text|big|large|long|wide|tall)\b|^(?:what|how) (?:about|come)\b",
    ),
)
