"""General knowledge, and what has nothing in it that is seen from above."""

from __future__ import annotations

from app.routing.domain import SEEN_FROM_ABOVE
from app.routing.rule import Rule, Table
from app.routing.words import SCENE, THIS_SCENE

_WORLD = Table("knowledge", "off_topic")

ABOUT_IMAGE = (
    rf"\b(?:here|this|these|visible|shown|in view|{THIS_SCENE}|in (?:an? )?{SCENE}|top|bottom|left"
    r"|right|upper|lower|cent(?:er|re)|corner|the (?!world\b|earth\b|moon\b|sun\b|universe\b|us\b"
    r"|united\b|history\b|best\b|capital\b|president\b|population of\b|difference\b|meaning\b))"
)

_THINGS_OF_THE_WORLD = (
    r"(?:weather|forecast|temperature (?:in|outside|tomorrow|today)|capital(?: city)? of"
    r"|prime minister"
    r"|president of|population of (?!th[ie]s?\b)|stock (?:price|market)|bitcoin|recipe"
    r"|movies?|songs?"
    r"|lyrics|football match|world cup|olympics|jokes?|poems?|poetry|haiku|stor(?:y"
    r"|ies)\b(?<!two stor)"
    r"|essay|e-?mail|python|javascript|java\b|sql|html|bash|homework|exam|restaurants?|hotels?"
    r"|flights?|president|jupiter|mars\b|saturn|pluto|venus|galaxy|universe|black hole"
    r"|quantum|physics"
    r"|chemistry|philosoph\w+|god\b|religion|love\b|girlfriend|boyfriend|dinner|lunch"
    r"|breakfast|cook"
    r"|calor\w+|diet|medicine|doctor|headache|dog breed|netflix|spotify|birthday"
    r"|horoscope|(?:cost|price|value) of an?|chocolate|lottery"
    r"|meaning of life|(?:first|second) world war|world war|revolution|shakespeare"
    r"|einstein|napoleon"
    r"|mona lisa|square root|derivative|integral of|prime numbers?|what time is it|today's date"
    r"|what (?:day|date) is|the news|leap year|speed of light|explosives?|bombs?\b|drugs"
    r"|hack(?:ing)?|phone numbers?|(?:definition|plural|the plot|price|salary) of|alphabet|a coin"
    r"|a dic?e\b|pizza"
    r"|my (?:data|account|password|subscription|phone|laptop)|life on|(?:it|going to) (?:rain"
    r"|snow)\b|is it (?:raining|snowing|sunny|windy|hot|cold) in|the next (?:bus|train|flight"
    r"|ferry|plane|match|game|election)"
    r"|(?:each|every|per) (?:year|month|day)|(?:of|on) (?:the )?(?:earth|planet|globe)"
    r"|ever (?:built|made|launched|recorded)|(?:area|zip|postal|post|country|dialling"
    r"|dialing) codes?|(?:pacific|atlantic|indian|arctic) ocean"
    r"|malware|weapons?|dollars|euros?|exchange rate|translat\w+ .{0,60}\b(?:to|into|in) \w+"
    r"|moons?\b|earth'?s? (?:flat|round|diameter|circumference|radius|mass)|is the earth"
    r"|\bcontinents\b|tomorrow|tonight"
    r"|the sky\b|rainbows?|stars\b|alarm|vacation|horoscope|in the world"
    r"|on earth|of all time|in history|world'?s)"
)
KNOWLEDGE: tuple[Rule, ...] = (
    _WORLD.rule(
        "arithmetic",
        r"^convert (?:\d|an?\b)|\bin an? (?:hectare|acre|mile|kilomet(?:er|re)"
        r"|square \w+)\W*$|\d\s*(?:[*x×+/^÷]|times|plus|minus|divided by)\s*\d+\W*$"
        r"|\d ?(?:percent|%) of \d",
    ),
    _WORLD.rule(
        "how to do something",
        r"^(?:describe|explain|tell me|write|show me|give me"
        r"|list)?\s*(?:instructions (?:on|for)|steps to|a guide to)?"
        r"\s*how (?:to|do i|do we|do you|can i|can we|should i|does one|do people)\b"
        r"|^how (?:are|is|was|were) (?:an? )?[\w-]+ (?:made|built|formed|produced"
        r"|calculated)\W*$|^(?:should|shall|may|must) i\b|\b(?:should|can|could"
        r"|where can) i (?:buy|get"
        r"|find|download|learn"
        r"|invest|study|eat|visit|go|travel|stay)\b",
        unless=rf"{THIS_SCENE}|\bin (?:an? )?{SCENE}\b|\b(?:here|shown)\b"
        rf"|^how do(?:es)? (?:one|people)\b.{{1,40}}\b(?:the|this|these) {SEEN_FROM_ABOVE}\b",
    ),
    _WORLD.rule(
        "what a word means",
        r"^what (?:do|does|is|are) .{1,60}\b(?:stands? for|meant by|short for"
        r"|the meaning of)\b|^what (?:do|does) (?!this|the|that"
        r"|these)[^,]{1,40} mean\b"
        r"|^(?:define|definition of|meaning of|wikipedia)\b|^(?:what|who) (?:is"
        rf"|are) an? (?!{SCENE})[\w-]+"
        r"(?: (?!(?:the|this|here|visible|in|on|at|near|that)\b)[\w-]+){0,4}\W*$"
        r"|^(?:explain|what is) the (?:difference|concept|theory|principle|meaning"
        r"|history)\b.{0,20}"
        r"\b(?:between|of|behind)\b",
        unless=rf"{SCENE}\b|\bdifference between (?:the|these|those|this)\b",
    ),
    _WORLD.rule(
        "general knowledge",
        rf"\b{_THINGS_OF_THE_WORLD}",
        unless=r"^where .{0,30}\b(?:this|it|here)\b|\bwhich (?:continent|country|city)(?= is\b"
        r"| are\b|\W*$)|\bstor(?:y|ies) (?:of )?(?:build|house|tall"
        r"|high)"
        rf"|\b(?:in|of|from|by) (?:{THIS_SCENE})|\b(?:hotels?|restaurants?|weapons?"
        r"|bombs?) (?:visible|here|in th)"
        r"|^(?:is|are) there|^how many|^count|\b(?:for|of) (?:this|the) (?:area|region"
        r"|place|scene)",
    ),
    _WORLD.rule(
        "how many, of the world",
        r"\bhow (?:many|much|long|far|old|tall|high|big|large)\b.{0,60}\b(?:do|does"
        r"|did) (?:an? )?(?!the\b|this\b"
        r"|that\b|it\b|they\b|you\b|each\b|these\b|those\b|one\b|i\b|we\b)[\w-]+ (?:have"
        r"|take|live|weigh|cost|last|need)\b"
        r"|\bhow many (?:days|weeks|months|hours|minutes|seconds|years|planets|moons"
        r"|continents|bits|bytes"
        r"|letters|legs|calories|grams|countries (?:are|in|does)|world cups"
        r"|states (?:are|in)|bones)\b"
        r"|\bdoes the [\w ]{1,24}\b(?:navy|army|air force|government|military|company|country"
        r"|world|nasa|esa"
        r"|un|eu|nato|museum|police)\b"
        r"|\bhow (?:far|big|large|old|hot) is (?:the )?(?:moon|sun|earth|mars|jupiter|universe)\b",
        unless=rf"{SCENE}\b|\bhere\b|\bvisible\b|\bflags\b",
    ),
    _WORLD.rule(
        "of a country",
        r"\b(?:in|of|does|from) (?:the )?(?:germany|france|india|china|japan|brazil"
        r"|spain|italy|england|britain|uk|us|usa|united states|america"
        r"|canada|mexico|russia|australia|africa|europe|asia|egypt|turkey|norway|sweden"
        r"|poland|netherlands|indonesia|kenya|nigeria"
        r"|antarctica|california|texas|new york|london|paris|berlin|tokyo|delhi|mumbai"
        r"|beijing)\b(?=\W*$| have\b)",
        unless=rf"{SCENE}\b|\bhere\b|\bvisible\b|\b(?:this|it|these)\b",
    ),
    _WORLD.rule(
        "of a thing in general",
        r"^(?:how|why) (?:do|does|can) (?:an? )?(?!the\b|this\b|these\b|those\b|that\b|they\b"
        r"|it\b|you\b"
        r"|we\b|i\b|there\b)[\w-]+ [\w-]+\W*$"
        r"|^(?:what|how|which|why)\b.{0,40}\b(?:is|are|does|do|can) an? (?:[\w-]+ ){0,2}[\w-]+\W*$"
        r"|^(?:which|what) (?:country|countries|city|cities|nations?|states?|company"
        r"|companies)\b.{0,30}"
        r"\b(?:most|largest|biggest|highest|longest|tallest|smallest|first)\b"
        r"|^is it (?:safe|legal|illegal|worth|healthy|expensive|cheaper|better|dangerous"
        r"|normal) to\b"
        r"|^(?:what|how|when|which|who|why|where)\b.{0,60}\b(?:sentinel|landsat|modis|worldview"
        r"|ikonos|quickbird"
        r"|pleiades|planetscope|envisat|radarsat|starlink|hubble|gps|gnss)\b"
        r"|^how many\b.{0,40}\b(?:on earth|in the world|worldwide|in total on)\b"
        r"|^count (?:to|from|down|backwards?|till|until|up to)\b",
        unless=rf"{SCENE}\b|\bhere\b|\bvisible\b|\b(?:shown|seen|this|these)\b|\bnorth|\bsouth"
        r"|\b(?:taken|captured|acquired|took)\b",
    ),
    _WORLD.rule(
        "who or when",
        r"^who (?:is|was|were|are|won|wrote|made|built|owns|\w+ed)\b"
        r"|^when (?:is|was|did|were|will)\b|^(?:what|which) year (?:did|was)\b",
        unless=rf"{ABOUT_IMAGE.replace('|the (?!', '|xx(?:')}|{SCENE}\b|\b(?:taken|captured"
        r"|acquired)\b",
    ),
    _WORLD.rule(
        "advice and products",
        r"\b(?:best|cheapest|recommended|good|which|what|most) (?:\w+ )?(?:satellites?"
        r"|sensors?|drones?|cameras?"
        r"|software|library|libraries|datasets?|model|laptop|phone|book|course|tool|gpu)\b"
        r"(?=.{0,60}(?:\bfor\b|\bto\b|\bshould\b|\bbuy\b|\buse\b|\?|$))"
        r"|^(?:recommend|suggest) (?:me )?(?:an? )(?!.{0,30}\b(?:spots?|sites?|places?|locations?"
        r"|areas?"
        rf"|routes?|captions?|titles?|descriptions?|{SEEN_FROM_ABOVE})\b)"
        r"|\b(?:resolution|revisit time|bands?|orbit|launch\w*|swath width) (?:of|does|do|is|was) "
        r"(?:the )?(?:sentinel|landsat|modis|spot|worldview|planet|pleiades|ikonos"
        r"|quickbird|naip)\b"
        r"|\b(?:sentinel|landsat|modis)(?:[- ]?\d\w?)? (?:and|or|vs|versus) (?:sentinel"
        r"|landsat|modis)",
        unless=rf"\b(?:taken|captured|acquired|took|made|recorded) (?:by|with|from)|{THIS_SCENE}"
        r"|\btook\b|\bvisible\b|\bhere\b",
    ),
    _WORLD.rule(
        "something to be written",
        r"^(?:write|compose|draft|create|code|implement|generate|make) (?:me )?(?:an? |some |the )?"
        r"(?:python|javascript|java|c\+\+|sql|html|bash|short|long|funny|love"
        r"|cover)?\s*(?:functions?"
        r"|code|program|script|class|poem|song|story|letter|e-?mail|essay|joke|article"
        r"|blog|tweet|app"
        r"|website|recipe|speech|haiku|novel|test|regex|query)\b",
        unless=rf"\b(?:about|of|for|from|on) {THIS_SCENE}",
    ),
)

NOTHING_SEEN: tuple[Rule, ...] = (
    _WORLD.rule(
        "nothing that is seen from above",
        r"^(?:can|could|may|has|have|am|what|which|who|how(?! many\b)|why|when|where|is"
        r"|are|does|do|did|was|were"
        r"|will|should|explain|tell|give|teach"
        r"|recommend|suggest|write|play|sing|book|order|solve|remind|set|turn|call|send"
        r"|create|make|translate)\b.{6}",
        unless=rf"{ABOUT_IMAGE}|\b{SEEN_FROM_ABOVE}\b|\b(?:there|it|they|them|its|their|any|that"
        r"|those|each|both|time of (?:day|year)|spots?|sites?|places?|locations?|present|located"
        r"|found"
        r"|everything|anything|you|one|percent(?:age)?|fraction|share"
        r"|proportion|covered|captions?|descriptions?|summar(?:y|ies)|report|overview"
        r"|account|alt.?text|big|large|long|wide|tall)\b|^(?:what|how) (?:about|come)\b"
        r"|[^\x00-\x7f]",
    ),
)
