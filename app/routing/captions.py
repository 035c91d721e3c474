"""Descriptions of the whole picture, or of a part of it, in words."""

from __future__ import annotations

import re

from app.routing.rule import Rule, Table
from app.routing.words import SCENE, THIS_SCENE

_CAPTION = Table("description", "captioning")

# How a description should be, said beside it; "mention the number of cars" asks for no count.
CONSTRAINT = re.compile(
    r"^(?:mention|include|including|focus|keep|limit|avoid|be|make (?:sure|it)|make the"
    r"|use|do not|never"
    r"|note|no more than|at most|at least|pay attention|cover|emphasi[sz]e|start|begin"
    r"|end|write it|in (?:at"
    r" most|about|under|less|no more|max\w*|\d+|one|two|three|four|five|french|german"
    r"|spanish|english|hindi"
    r"|plain|simple|detail)|with|ignore|assume|the gsd|gsd|given that|remember|respond"
    r"|reply|answer|return your)\b"
)
NEGATED = re.compile(
    r"^(?:just )?not (?:interested in|asking (?:for|about)|looking for|about|after)\b"
    r"|^(?:i am )not (?:interested in|asking (?:for|about|you to)|looking for|after)\b"
    r"|^i do not (?:care|mind|need|want)\b|^never ?mind (?:the|about|how|what|my)\b"
    r"|^(?:do not|never|no need to|without|you need not|instead of|rather than"
    r"|not)\W+(?:\w+ )?(?:count\w*"
    r"|describ\w*|caption\w*|draw\w*|answer\w*|segment\w*|mark\w*|tell|list\w*|measur\w*"
    r"|estimat\w*|detect\w*)"
    r"|^(?:no|ohne zu|sin|sans) (?:counting|counts|zählen|contar|compter)\b"
)

CAPTIONS: tuple[Rule, ...] = (
    _CAPTION.rule(
        "a description",
        r"^(?:describe|caption|summari[sz]e|depict|narrate|characteri[sz]e|portray|recount)\b"
        r"|\b(?:just|only|simply) (?:describe|caption|summari[sz]e)\b"
        r"|^(?:an? )?(?:\w+ ){0,2}(?:caption|description"
        r"|summary|overview|alt.?text)(?: of| for|(?: please)?\W*$)|^tl;?dr\b|^(?:write"
        r"|say|tell me) (?:something|a few words|a sentence|some text"
        r"|a bit) (?:\w+ )?about\b"
        r"|^(?:an? )?(?:title|headline|name) for (?:this|the|it)\b"
        rf"|^what is (?:this|it|that) (?:an? )?{SCENE} of\b|^(?:walk|run|talk|take"
        rf"|guide) me through\b"
        r"|^(?:give me |what is |tell me )?the (?:gist|big picture)\b|^what (?:am i"
        r"|are we) (?:looking at|seeing)\b|^how (?:would|could|can) "
        r"(?:you|one|i) (?:describe|caption|summari[sz]e)\b|^(?:put|turn|convert"
        r"|transcribe|express) .{1,30} in(?:to)? (?:words|text)\b",
        unless=r"^(?:describe|summari[sz]e) how (?:to|do|can)\b"
        r"|^describe (?:yourself|your|what you can|the (?:history|plot|process of|theory"
        r"|concept))\b",
    ),
    _CAPTION.rule(
        "a text about the image",
        r"\b(?:generate|write|give|provide|produce|create|compose|draft|make|prepare"
        r"|need|want|get|have"
        r"|return|suggest|offer|add|like)\b.{0,60}\b(?:captions?|descriptions?"
        r"|summar(?:y|ies)|overview"
        r"|report|account|narrative|tweet|post|headline|blurb|alt.?text|synopsis|paragraph|title"
        r"|briefing"
        r"|run.?down|breakdown)\b",
        unless=r"\b(?:damage|weather) report for\b|\bbreakdown by\b",
    ),
    _CAPTION.rule(
        "tell me about it",
        r"^(?:tell me|explain|interpret|analy[sz]e|discuss|talk|say something|comment on"
        r"|elaborate on|walk me"
        r"|run me|go|inspect|examine|review|look at"
        rf"|report on)\b.{{0,25}}\b(?:{THIS_SCENE}|what (?:you see|is (?:in|on)"
        rf"|you can see|(?:this|the) .{{0,20}}(?:shows?|depicts?))|through it|everything)\b"
        r"|^tell me (?:more )?about (?:this|the|these|it)\b|^(?:tell me )?what (?:do )?you think"
        rf"(?: (?:of|about) (?:it|this|that|{THIS_SCENE}))?\W*$|^(?:explain|interpret"
        r"|analy[sz]e|describe) (?:this|it|that)\W*$"
        r"|^(?:list|name|report|mention|explain) (?:everything|all (?:that )?you"
        r"|what(?:ever)? (?:you|is|can))\b"
        rf"|^{THIS_SCENE}\W*$|^analy[sz]e\W*$|^what you (?:can )?see\b"
        r"|^(?:tell me )?what (?:it|this|that) (?:shows|depicts|is|is about|contains)\W*$"
        r"|^(?:paint|draw)\b.{0,40}\b(?:in|with) words\b"
        rf"|^(?:what )?{THIS_SCENE} (?:shows|depicts|is about|contains)\W*$"
        rf"|^what (?:this|the|that)(?: [\w-]+){{0,2}} {SCENE} (?:shows|depicts|is about"
        r"|contains|is of)",
        unless=r"^(?:tell me about|explain) the (?:history|theory|concept|difference|war|moon"
        r"|world)\b",
    ),
    _CAPTION.rule(
        "what is in it",
        r"^what (?:all )?(?:is|are|can be|could be|do you|can you|can i|can we|do i"
        r"|do we|did you|does|would you"
        r"|might)(?: (?:see|seen|there|here|it|visible|shown|depicted|happening|going on"
        r"|happens|present|captured"
        r"|being shown|observed?|notice|spot|make out|displayed|say|tell me|about|in|on"
        r"|from|within|of|this|the|that"
        r"|these|show|depict|contain|represent|look like|going|all|occurring|displaying"
        r"|illustrated"
        r"|portrayed|given|attached|uploaded|satellite|aerial|remote.?sensing|drone"
        r"|overhead|sar|optical|top.?down"
        rf"|following|my|we|for me|looking at|to see|{SCENE}|place|today|exactly"
        r"|actually))*(?: (?:in|with|using) (?:\w+ ){0,4}"
        r"(?:words?|sentences?|details?|brief|short|paragraphs?|french|german|spanish"
        r"|hindi|english))?\W*$"
        rf"|^what (?:happens|is happening|is going on|appears|do we have|have we got)\b.{{0,40}}$",
        unless=r"remote.?sensing\W*$|^what (?:is|are)(?: that| there| these| those"
        r"| on this place)\W*$|\bplace\b",
    ),
)
