"""Attempts to steer the router or the model behind it: read, never followed."""

from __future__ import annotations

import re

from app.routing.rule import Rule, Table
from app.routing.words import SCENE

_STEER = Table("steering", "off_topic")

PERSONA = re.compile(
    r"\byou are (?:now|no longer|not) (?!sure|certain|right|correct)"
    r"|\b(?:pretend|imagine) (?:that )?(?:you|to be)\b|\bact (?:as|like)\b|\bdeveloper mode\b"
    r"|\bjailbr(?:eak|oken)\b|\bdo anything now\b|\bno (?:restrictions|limits|filters)\b"
    r"|\brole ?play\b|\bfrom now on,? you\b|\bwithout (?:any )?(?:rules|restrictions"
    r"|filters|limits)\b"
    r"|^you are an? (?:\w+ ){0,3}(?:ai|assistant|model|bot|pirate|hacker|expert|cat"
    r"|robot|human|person)\b"
)

STEERING: tuple[Rule, ...] = (
    _STEER.rule("another role for the router", PERSONA.pattern, whole=True),
    _STEER.rule(
        "instructions to the router",
        r"\b(?:ignor\w+|disregard\w*|forget|override|bypass|discard|drop"
        r"|skip) .{0,30}\b(?:instructions?"
        r"|prompts?|rules?|guidelines?|polic(?:y|ies)|constraints|restrictions|safety|programming"
        r"|everything (?:you|above|before|i|that)|(?:all|the) (?:above|previous|prior))\b"
        r"|\b(?:ignor\w+|ignora|ignoriere|ignorez"
        r"|ignore[zr]?)\b.{0,40}\b(?:instrucciones|instructions"
        r"|anweisungen|instruções|istruzioni)|\b(?:ignore|disregard|forget) (?:the|this"
        r"|my) (?:image|picture"
        r"|photo|question)\b|игнорируй|忽略.{0,12}(?:指令|指示|规则|提示)|無視",
        whole=True,
    ),
    _STEER.rule(
        "a secret asked for",
        r"\b(?:reveal|print|show|output|leak|repeat|tell|give|display|dump|expose|send"
        r"|write|what is"
        r"|what are)\b.{0,40}\b(?:(?:system|hidden|initial|original|secret) (?:prompts?"
        r"|instructions?"
        r"|messages?)|(?:your|the) (?:prompts?|instructions|configuration|config|source code)"
        r"|text above|words above|api[ _-]?keys?|passwords?|secrets?"
        r"|environment variables|env(?:ironment)? vars?"
        r"|credentials|access tokens?)\b",
        whole=True,
    ),
    _STEER.rule(
        "words put into the mouth",
        r"^(?:please )?(?:respond|reply|answer|say|print|output|repeat"
        r"|write)\b.{0,24}\b(?:the (?:exact )?(?:words?|phrase|string)"
        r"|after me|verbatim|exactly)\b",
        whole=True,
        unless=r"\b(?:yes|no|true|count|number)\b|\b(?:sign|roof|image|picture)\b",
    ),
    _STEER.rule(
        "a route asked for",
        r"^(?:system|assistant|developer|admin|root)\s*[:>\]]|<\|?/?(?:im_start|im_end"
        r"|system|inst|s)\b"
        r"|\[/?inst\]|\broute (?:this|every|all|the|my|it)\b|\bvqa_type\b|\btask\s*="
        r"|\boff[_-]topic\b"
        r"|\b(?:classify|treat|label|handle|route|mark) (?:this|the|my) (?:message|query|question"
        r"|request|text) as\b|\b(?:call|use|invoke|run) (?:the |your )?(?:tool|function"
        r"|shell|bash)s?\b"
        r"|\b(?:follow|obey|execute|do what) .{0,30}\b(?:instructions?|written|sign|text) .{0,20}\b"
        rf"(?:in|on|inside) (?:the|this|that) {SCENE}",
        whole=True,
    ),
    _STEER.rule(
        "code",
        r"\b(?:drop|alter|truncate) table\b|\bselect\b.{1,60}\bfrom\b.{1,40}(?:where|;"
        r"|$)|\binsert into\b"
        r"|\bunion (?:all )?select\b|<script|javascript:|\brm -rf\b|\$\(|\{\{.{0,60}\}\}|\.\./\.\./"
        r"|\bimport os\b|\beval\(|/etc/passwd|\bsudo\b",
        whole=True,
        unless=r"\bselect .{0,30}\b(?:ship|building|area|image)s?\b",
    ),
)
